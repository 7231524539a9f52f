"""A progress bar for long calls, in terminals and notebooks."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from superpos.training.progress import Progress, no_progress

SECONDS = 2.0
"""A bar appears once the work has taken this long, so that short calls print nothing."""


@contextmanager
def shown_progress(wanted: Progress | None) -> Iterator[Progress]:
    """The function to call with the fraction of the training that is complete.

    This is the caller's own function if there is one; otherwise one that draws a bar.
    """
    if wanted is not None or not is_watched():
        yield wanted or no_progress
        return
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.close()


def is_watched() -> bool:
    """Whether the output goes to a terminal or a notebook, where a person sees it."""
    return sys.stderr.isatty() or "IPKernelApp" in _notebook_config()


def _notebook_config() -> Any:
    """The settings of the notebook that this process serves; none if it serves none."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "config", {})


class _Bar:
    """A bar whose clock starts when the first progress is reported.

    Kernels are compiled before that, and the time this takes would distort the estimate.
    """

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, share: float) -> None:
        if self._bar is None and share > 0:
            with warnings.catch_warnings():  # Without ipywidgets, a notebook shows a bar of text.
                warnings.simplefilter("ignore")
                from tqdm.auto import tqdm
            form = "{desc}: {percentage:3.0f}% |{bar}| {elapsed}, {remaining} left"
            self._bar = tqdm(
                **{"desc": "training", "total": 1.0, "initial": share, "smoothing": 0},
                **{"bar_format": form, "leave": False, "delay": SECONDS},
            )
        elif self._bar is not None:
            self._bar.update(share - self._bar.n)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
