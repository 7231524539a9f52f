"""The point at which two branches of losses cross along a sweep, and how certain that point is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

RESAMPLES = 400


def crossing(
    x: Float[np.ndarray, " point"],
    first: Float[np.ndarray, " point"],
    second: Float[np.ndarray, " point"],
) -> float:
    """The x at which first - second changes sign, interpolated in the logs of x and of the losses.

    If the sign changes more than once, the last change counts. Losses that are NaN, because no run
    took that branch, are skipped. Returns NaN if the sign does not change.
    """
    known = np.isfinite(first) & np.isfinite(second)
    where, gap = np.log(x[known]), np.log(first[known] / second[known])
    changes = np.flatnonzero(gap[:-1] * gap[1:] <= 0)
    if len(changes) == 0:
        return float("nan")
    i = changes[-1]
    share = gap[i] / (gap[i] - gap[i + 1])
    return float(np.exp(where[i] + share * (where[i + 1] - where[i])))


def best(losses: Sequence[Float[np.ndarray, " _run"]]) -> Float[np.ndarray, " point"]:
    """The smallest loss of each group of runs; NaN for an empty group."""
    return np.array([group.min() if len(group) else np.nan for group in losses])


def interval(
    x: Float[np.ndarray, " point"],
    first: Sequence[Float[np.ndarray, " _run"]],
    second: Sequence[Float[np.ndarray, " _run"]],
) -> tuple[float, float]:
    """The 95% interval of the crossing, by a bootstrap over the restarts of each x and branch.

    The losses are exact, so the only uncertainty is how good the best restart of a branch is.
    The seed is fixed. Returns NaN if the branches do not cross in any resample.
    """
    rng = np.random.default_rng(0)
    found = [
        crossing(x, best(_resampled(rng, first)), best(_resampled(rng, second)))
        for _ in range(RESAMPLES)
    ]
    known = [x for x in found if np.isfinite(x)]
    low, high = np.quantile(known, [0.025, 0.975]) if known else (np.nan, np.nan)
    return float(low), float(high)


def _resampled(rng: np.random.Generator, groups: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [rng.choice(group, len(group)) if len(group) else group for group in groups]
