"""What a distribution's file says about its samples is compared with those that it draws."""

import sys
import types

import numpy as np
import pytest
from test_condition import beside

import superpos
from superpos import lookup
from superpos.config import drawn_samples
from superpos.data import correlated, independent, one_set


@pytest.fixture
def changed(monkeypatch):
    """Lay a file beside a shipped distribution that is a copy of it, but for what is given."""
    lookup.load.cache_clear()

    def put(shipped, **contents):
        path = beside(monkeypatch, "data", "copied")
        module = types.ModuleType(lookup._dotted(path))
        vars(module).update(
            {k: v for k, v in vars(shipped).items() if k[0] != "_" and k != "KERNEL"}
        )
        vars(module).update(contents)
        for name in [name for name, part in contents.items() if part is None]:
            delattr(module, name)
        monkeypatch.setitem(sys.modules, module.__name__, module)

    yield put
    lookup.load.cache_clear()


@pytest.mark.parametrize("name", lookup.names("data"))
def test_the_shipped_ones_say_what_they_draw(name):
    assert drawn_samples.untrue(name) is None


@pytest.mark.parametrize("shipped", [independent, correlated, one_set])
def test_so_do_their_copies(shipped, changed):
    changed(shipped)
    assert drawn_samples.untrue("copied") is None


def sampled(change):
    """`sample` of independent features, changed afterwards."""
    return lambda *given: change(independent.sample(*given)).astype(np.float32)


def first_for_all(x):
    """The first feature decides for all whether they are on."""
    return np.where(x[:, :1] != 0, 0.5 + x / 2, 0)


@pytest.mark.parametrize(
    ("shipped", "contents", "part"),
    [
        (independent, {"sample": sampled(lambda x: 0.8 * x)}, "moments"),
        (independent, {"sample": sampled(lambda x: 0.8 * x), "moments": None}, "fill"),
        (independent, {"sample": sampled(lambda x: x * (x > 0.1)), "moments": None}, "fill"),
        (independent, {"sample": sampled(np.abs), "moments": None, "fill": None}, "value"),
        (independent, {"sample": sampled(first_for_all), "moments": None}, "fill"),
        (independent, {"moments": lambda c: (c.densities() / 2, c.densities() / 3)}, "moments"),
        (independent, {"units": lambda c: c.densities() ** 2}, "fill"),
        (independent, {"value": lambda c, words: words * np.float32(2.0**-33)}, "value"),
        (independent, {"marginals": lambda c: c.densities() / 2}, "marginals"),
        (independent, {"sample": sampled(lambda x: 0.8 * x), "moments": None, "units": None}, None),
        (correlated, {"sample": independent.sample}, "fill"),
        (one_set, {"sample": independent.sample}, "marginals"),
        (one_set, {"gates": lambda c: np.array([0.1])}, "gates"),
    ],
)
def test_a_part_that_does_not_describe_the_samples_is_found(shipped, contents, part, changed):
    changed(shipped, **contents)
    if part is None:
        assert drawn_samples.untrue("copied") is None
    else:
        assert drawn_samples.untrue("copied") == part


@pytest.mark.parametrize("call", [superpos.train, superpos.sweep])
def test_it_is_refused_in_one_line_before_training(call, changed):
    changed(independent, sample=sampled(lambda x: 0.8 * x))
    with pytest.raises(
        ValueError, match=r"`moments` in superpos/data/copied\.py does not"
    ) as caught:
        call(n_features=4, n_hidden=2, density=0.3, steps=10, data={"name": "copied"})
    assert "\n" not in str(caught.value)
