"""How often samples share a feature, by formula and by simulation.

The columns are n_features, density, samples (T); shared, the chance that two samples share a feature; degree,
the mean number of samples that share one with a given sample; disjoint, the chance that no two of the T
do; simulated, the share of simulated sets in which none do (NaN above `simulated` samples); critical, the
T at which `degree` is 1.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from superpos import theory
from superpos.config import ranges
from superpos.config.condition import Count, Positive
from superpos.numerics import philox

ROOM = 4
"""A simulated sample has room for this many times the mean number of active features, and 20 more."""

AT_ONCE = 1000
"""The number of sets that are simulated together."""


def check(
    n_features: list[int], active: float, samples: list[int], simulated: int, sets: int
) -> None:
    """Raise a ValueError if a number is out of range, or the simulation too large."""
    ranges.refuse_outside("n_features", n_features, 2, 1e9)
    ranges.refuse_outside("active", [active], 1, min(n_features) / 2)
    ranges.refuse_outside("samples", samples, 2, 1e6)
    ranges.few(int(len(n_features) * simulated * sets * active) // 10)


def table(
    n_features: list[Count], active: Positive, samples: list[Count], simulated: Count, sets: Count
) -> pd.DataFrame:
    """A row for each number of features and of samples; on average, `active` features are on."""
    rows = []
    for n in n_features:
        few = [T for T in samples if simulated >= T]
        shares = dict(zip(few, disjoint_shares(few, n, active / n, sets), strict=True))
        rows += [_row(n, active / n, T, shares.get(T, math.nan)) for T in samples]
    return pd.DataFrame(rows)


def _row(n: int, p: float, T: int, simulated: float) -> dict[str, float]:
    shared = theory.shared_chance(n, p)
    return {
        **{
            "n_features": n,
            "density": p,
            "samples": T,
            "shared": shared,
            "degree": (T - 1) * shared,
        },
        "disjoint": theory.disjoint_chance(T, n, p),
        "simulated": simulated,
        "critical": theory.critical_samples(n, p),
    }


def disjoint_shares(samples: list[int], n: int, p: float, sets: int) -> list[float]:
    """The share of simulated sets whose first T samples share no feature, for each T."""
    if not samples:
        return []
    parts = [
        _first_shared(max(samples), n, p, min(AT_ONCE, sets - first), first)
        for first in range(0, sets, AT_ONCE)
    ]
    shared = np.concatenate(parts)
    return [float((shared >= T).mean()) for T in samples]


def _first_shared(most: int, n: int, p: float, sets: int, stream: int) -> np.ndarray:
    """For each set, the index of the first sample that shares a feature with an earlier one, or `most`."""
    active = _active_features(most, n, p, sets, stream)
    keys = np.sort((active * most + np.arange(most)[:, None]).reshape(sets, -1), axis=1)
    feature, sample = np.divmod(keys, most)
    again = (feature[:, 1:] == feature[:, :-1]) & (feature[:, 1:] < n)
    return np.asarray(np.where(again, sample[:, 1:], most).min(1))


def _active_features(most: int, n: int, p: float, sets: int, stream: int) -> np.ndarray:
    """The active features [set, sample, place] of samples that are not empty, n or more for none.

    The distances between successive active features are drawn from the geometric distribution, and the first
    active feature is drawn below n, so that no sample is empty.
    """
    shape = (sets, most, int(ROOM * n * p) + 20)
    words = philox.words(np.uint64(0), philox.FINITE_SET, 0, stream, math.prod(shape))
    chance = (words.reshape(shape) + 0.5) * 2.0**-32
    chance[..., 0] = 1 - chance[..., 0] * (1 - theory.empty_chance(n, p))
    return np.cumsum(np.floor(np.log(chance) / math.log1p(-p)).astype(int) + 1, axis=-1) - 1
