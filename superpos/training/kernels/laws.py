"""What a feature distribution is to the kernels: which units are on, drawn from gates and cells."""

from typing import Any, NamedTuple

import numba
import numpy as np

from superpos.numerics import simd as v
from superpos.training.kernels import counts


class Law(NamedTuple):
    """The gates of one density vector, [unit] arrays, and how many samples are drawn.

    A word w turns unit u on if w <= limit[u]; then w // 2 x scale[u] is uniform in [0, 1]. `none_` and
    `one_` serve samples known to have some units on in the end, as long as none, or one, is.
    `share` [cell]: of the samples that are in no earlier cell, the part that is in this one; `peak`
    [cell, batch + 1]: the binomial probability of the mode, by the number of such samples. The first
    cell's samples go through the gates, the others have one unit on each; all samples go through the
    gates where there is no cell.
    """

    limit: np.ndarray
    scale: np.ndarray
    one_limit: np.ndarray
    one_scale: np.ndarray
    none_limit: np.ndarray
    none_scale: np.ndarray
    share: np.ndarray
    peak: np.ndarray


class Gates(NamedTuple):
    """A Law's gates as pointers; `compact` where only samples with some units on are drawn."""

    limit: Any
    scale: Any
    one_limit: Any
    one_scale: Any
    none_limit: Any
    none_scale: Any
    compact: bool


class Cells(NamedTuple):
    """A Law's cells as pointers: how many; share [cell]; peak [cell, batch + 1]."""

    number: int
    share: Any
    peak: Any


@numba.njit
def cells_of(law, t):
    """Row t of a table of laws."""
    return Cells(law.share.shape[1], v.pointer(law.share[t]), v.pointer(law.peak[t]))


@numba.njit
def gates_of(law, t):
    """Row t of a table of laws."""
    return Gates(
        v.pointer(law.limit[t]), v.pointer(law.scale[t]), v.pointer(law.one_limit[t]),
        v.pointer(law.one_scale[t]), v.pointer(law.none_limit[t]), v.pointer(law.none_scale[t]),
        law.share.shape[1] > 0,
    )  # fmt: skip


@numba.njit
def density(gates, u):
    """p of unit u."""
    return (gates.limit[u] + 1.0) * 2.0**-32


def every_sample(p: np.ndarray, batch: int) -> Law:
    """The law of units that are on with probability p [unit], all samples drawn."""
    return _law(p, 0, np.empty(0), batch)


def filled_samples(p: np.ndarray, batch: int) -> Law:
    """The same law, of which only the samples with a unit on are drawn."""
    return _law(p, 1, at_least(p)[1, :1], batch)


def split_samples(p: np.ndarray, batch: int) -> Law:
    """The same law, of which the samples with two units on, or more, go through the gates, and for
    each unit the samples where it alone is on are counted."""
    return _law(p, 2, np.r_[at_least(p)[2, 0], alone(p)], batch)


def _law(p: np.ndarray, least: int, chance: np.ndarray, batch: int) -> Law:
    """Gates given that `least` units are on in the end, and the cells' shares in what is left."""
    tail = at_least(p)
    gates = []
    for on in (2, 1, 0):
        need = max(least - on, 0)
        wanted = p * tail[max(need - 1, 0), 1:]
        gates += gate(_ratio(wanted, tail[need, :-1]) if need else p)
    left = 1 - np.r_[0, np.cumsum(chance)[:-1]] if len(chance) else chance
    share = np.minimum(_ratio(chance, left), 1.0)
    return Law(*gates, share, counts.peaks(share, batch))


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, and 1 where nothing is left to share."""
    return np.divide(a, b, out=np.ones(len(a)), where=b > 0)


def at_least(p: np.ndarray) -> np.ndarray:
    """P(k or more of the units u, u + 1, ... are on), [k, u] for k up to 2 and one u beyond."""
    tail = np.zeros((3, len(p) + 1))
    tail[0] = 1
    for u in range(len(p) - 1, -1, -1):
        tail[1:, u] = p[u] * tail[:-1, u + 1] + (1 - p[u]) * tail[1:, u + 1]
    return tail


def alone(p: np.ndarray) -> np.ndarray:
    """P(unit u is on and no other), [unit]."""
    off = 1 - p
    before, after = np.cumprod(np.r_[1, off[:-1]]), np.cumprod(np.r_[1, off[:0:-1]])[::-1]
    return p * before * after


def gate(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limit (uint32) and scale (float32) of p: T = round(p 2^32) words are events."""
    T = np.maximum(np.rint(p * 2.0**32), 1.0)
    return (T - 1).astype(np.uint32), (2.0 / T).astype(np.float32)
