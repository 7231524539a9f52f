"""Where two branches of losses cross along a sweep, and how sure that is."""

from collections.abc import Sequence

import numpy as np

RESAMPLES = 400


def crossing(x: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """The x at which first - second changes sign, between neighbours by the logs of x and losses.

    The last change of sign in the order of x; losses that are NaN (a branch that no run took) are
    passed over. NaN where the sign does not change.
    """
    known = np.isfinite(first) & np.isfinite(second)
    where, gap = np.log(x[known]), np.log(first[known] / second[known])
    changes = np.flatnonzero(gap[:-1] * gap[1:] <= 0)
    if len(changes) == 0:
        return float("nan")
    i = changes[-1]
    share = gap[i] / (gap[i] - gap[i + 1])
    return float(np.exp(where[i] + share * (where[i + 1] - where[i])))


def best(losses: Sequence[np.ndarray]) -> np.ndarray:
    """The least loss of each group of runs; NaN for an empty group."""
    return np.array([group.min() if len(group) else np.nan for group in losses])


def interval(
    x: np.ndarray, first: Sequence[np.ndarray], second: Sequence[np.ndarray]
) -> tuple[float, float]:
    """The 95 % range of the crossing when the runs of each x and branch are drawn again.

    A bootstrap over restarts, with a fixed seed. Loss is exact, so that the luck of a branch's best
    restart is what is uncertain. NaN if the branches cross in no resample.
    """
    rng = np.random.default_rng(0)
    found = [
        crossing(x, best(_again(rng, first)), best(_again(rng, second))) for _ in range(RESAMPLES)
    ]
    known = [x for x in found if np.isfinite(x)]
    low, high = np.quantile(known, [0.025, 0.975]) if known else (np.nan, np.nan)
    return float(low), float(high)


def _again(rng: np.random.Generator, groups: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [rng.choice(group, len(group)) if len(group) else group for group in groups]
