"""Compare what a distribution's file says about its samples with the samples that it draws."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from superpos import lookup
from superpos.config.condition import Data, Distribution

if TYPE_CHECKING:
    from jaxtyping import Float64

SAMPLES = 2000
DEVIATIONS = 7
"""How many standard errors may lie between two means: chance alone exceeds this once in 10^11 times."""
DENSITIES = ((0.4,) * 6, (0.7, 0.7, 0.4, 0.4, 0.2, 0.2))
"""Of six features, or of three sets of two."""


def untrue(name: str) -> str | None:
    """The part of a distribution's file, such as `moments`, that does not describe what `sample` draws.

    None if there is no such part, or if the file draws no six features.
    """
    return _untrue(name, lookup.load("data", name))


@functools.cache
def _untrue(name: str, distribution: ModuleType) -> str | None:
    for given in _cases(name):
        with suppress(Exception):  # A distribution need not have sets, or several densities.
            if hasattr(distribution, "check"):
                distribution.check(given)
            x = np.asarray(distribution.sample(given, _words(0), SAMPLES), np.float64)
            for part, disagrees in _parts(distribution, given, x):
                if disagrees:
                    return part
    return None


def _cases(name: str) -> Iterator[Distribution]:
    for sets in (None, 3):
        for signed in (False, True):
            for density in DENSITIES:
                data = Data(name=name, sets=sets, signed=signed)
                yield Distribution(n_features=6, data=data, density=[*density])


def _words(first: int) -> Callable[[int, int], np.ndarray]:
    """The words of each stream; those of another `first` are independent of them."""
    return lambda stream, count: np.random.default_rng((first, stream)).integers(
        2**32, size=count, dtype=np.uint32
    )


def _parts(
    distribution: ModuleType, given: Distribution, x: Float64[np.ndarray, "sample feature"]
) -> Iterator[tuple[str, bool]]:
    """Each part of the file that describes samples, and whether the samples x contradict it."""
    on = (x != 0).astype(np.float64)
    if hasattr(distribution, "marginals"):
        yield "marginals", _differ(on, distribution.marginals(given))
    if hasattr(distribution, "moments"):
        mean, variance = distribution.moments(given)
        yield "moments", _differ(x, mean) or _differ((x - mean) ** 2, variance)
    units = distribution.units(given) if hasattr(distribution, "units") else None
    if units is None and hasattr(distribution, "gates"):
        empty = (~on.any(axis=1)).astype(np.float64)
        yield "gates", _differ(empty[:, None], np.prod(1 - distribution.gates(given)))
    if units is None:
        return
    opened = np.random.default_rng(1).random((SAMPLES, len(units))) < units
    if hasattr(distribution, "fill"):
        yield "fill", _differ(_seen(x), _seen(distribution.fill(given, opened, _words(2))))
    if hasattr(distribution, "value"):
        word = _words(3)(0, opened.size).reshape(opened.shape)
        alone = np.where(opened, distribution.value(given, word), 0)
        yield "value", _differ(_seen(x), _seen(alone))


def _seen(x: np.ndarray) -> Float64[np.ndarray, "sample statistic"]:
    """Which features are on, alone and two at a time, and their values and squares."""
    x = np.asarray(x, np.float64)
    on = (x != 0).astype(np.float64)
    i, j = np.triu_indices(x.shape[1], 1)
    return np.concatenate([on, on[:, i] * on[:, j], x, x**2, x[:, i] * x[:, j]], axis=1)


def _differ(values: np.ndarray, expected: np.ndarray | float) -> bool:
    """Whether the means of `values` [sample, statistic] are not those expected, or those of other samples."""
    expected = np.asarray(expected, np.float64)
    both = [values, expected] if expected.ndim == 2 else [values]
    error = np.sqrt(sum(v.var(axis=0) / len(v) for v in both))
    other = expected.mean(axis=0) if expected.ndim == 2 else expected
    return bool((np.abs(values.mean(axis=0) - other) > DEVIATIONS * error + 1e-6).any())
