"""The progress bar of long calls."""

import sys
from types import SimpleNamespace

import pytest

from superpos.api import progress_bar
from superpos.api.progress_bar import shown_progress


class Shown:
    """In place of tqdm: the shares that it was given."""

    def __init__(self, **given):
        self.n, self.shares, self.closed = given["initial"], [given["initial"]], False
        Shown.last = self

    def update(self, more):
        self.n += more
        self.shares.append(self.n)

    def close(self):
        self.closed = True


def test_the_callers_own_function_is_called():
    shares = []
    with shown_progress(shares.append) as report:
        report(0.5)
    assert shares == [0.5]


def test_nothing_is_shown_where_nobody_watches(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    with shown_progress(None) as report:
        assert report is progress_bar.no_progress


@pytest.mark.parametrize("watched", [("stderr", {"isatty": lambda: True}), ("notebook", {})])
def test_a_bar_starts_with_the_first_share_and_is_removed_at_the_end(monkeypatch, watched):
    if watched[0] == "stderr":
        monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: True))
    else:
        monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: False))
        shell = SimpleNamespace(config={"IPKernelApp": {}})
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "tqdm", SimpleNamespace(auto=SimpleNamespace(tqdm=Shown)))
    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=Shown))
    with shown_progress(None) as report:
        for share in (0.0, 0.25, 0.75, 1.0):
            report(share)
    assert Shown.last.shares == [0.25, 0.75, 1.0]
    assert Shown.last.closed
