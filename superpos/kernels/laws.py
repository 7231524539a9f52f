"""What a feature distribution is to the kernels: units on independently, and what fills them.

A distribution's file names its law as KERNEL; a file without one trains on the reference engine.
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from superpos.kernels import simd as v

FEATURES = 0
"""Units are features: the word that turns one on gives its value."""
ALL_MEMBERS = 1
"""Units are sets: each member of a set that is on is uniform."""
ONE_MEMBER = 2
"""Units are sets: one member of a set that is on is uniform."""
ONE_SET = 3
"""One unit: if it is on, one set is chosen, and each of its members is uniform."""
ROWS = 4
"""Samples are rows of a finite training set."""


class Law(NamedTuple):
    """The gates of one density vector; [unit] arrays.

    A word w turns unit u on if w <= limit[u]; then w x scale[u] is uniform in [0, 1]. `first_limit`
    and `first_scale` serve the units of a sample that is known not to be empty, as long as none is
    on: p_u / P(u or a later unit is on). `filled` is the distribution function of the number of
    samples that are not empty [batch + 1], or has length 0 where all samples are drawn.
    """

    limit: np.ndarray
    scale: np.ndarray
    first_limit: np.ndarray
    first_scale: np.ndarray
    filled: np.ndarray


class Gates(NamedTuple):
    """A Law as pointers; `compact` where only non-empty samples are drawn."""

    limit: Any
    scale: Any
    first_limit: Any
    first_scale: Any
    compact: bool


@numba.njit
def gates_of(law, t):
    """Row t of a table of laws."""
    return Gates(
        v.pointer(law.limit[t]), v.pointer(law.scale[t]), v.pointer(law.first_limit[t]),
        v.pointer(law.first_scale[t]), law.filled.shape[1] > 0,
    )  # fmt: skip


@numba.njit
def density(gates, u):
    """p of unit u."""
    return (gates.limit[u] + 1.0) * 2.0**-32


def every_sample(p: np.ndarray, batch: int) -> Law:
    """The law of units that are on with probability p [unit], all samples drawn."""
    return Law(*gate(p), *gate(p), np.empty(0))


def filled_samples(p: np.ndarray, batch: int) -> Law:
    """The same law, of which only the non-empty samples are drawn."""
    tail = some_on(p)
    return Law(*gate(p), *gate(p / tail), binomial(batch, tail[0]))


def some_on(p: np.ndarray) -> np.ndarray:
    """P(unit u or a later one is on), [unit]."""
    tail, later = np.empty(len(p)), 0.0
    for u in range(len(p) - 1, -1, -1):
        later = tail[u] = p[u] + (1 - p[u]) * later
    return tail


def gate(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limit (uint32) and scale (float32) of p: T = round(p 2^32) words are events."""
    T = np.maximum(np.rint(p * 2.0**32), 1.0)
    return (T - 1).astype(np.uint32), (1.0 / T).astype(np.float32)


def binomial(count: int, q: float) -> np.ndarray:
    """P(K <= k) [count + 1] for K ~ Binomial(count, q), from the mode outward."""
    mode = int((count + 1) * q)
    weight = np.empty(count + 1)
    weight[mode] = 1.0
    odds = q / (1 - q)
    for k in range(mode, count):
        weight[k + 1] = weight[k] * ((count - k) / (k + 1) * odds)
    for k in range(mode, 0, -1):
        weight[k - 1] = weight[k] * (k / ((count - k + 1) * odds))
    below = np.cumsum(weight)
    return below / below[-1]
