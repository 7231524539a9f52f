"""Integer scratch of the loops that count their samples."""

from typing import Any, NamedTuple

import numba
import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.philox import ROUNDS
from superpos.training.kernels import counts, fill


class Words(NamedTuple):
    """Integer scratch as pointers: keys of the rounds, chosen rows, words of counts, counts [cell]."""

    keys: Any
    chosen: Any
    drawn: Any
    counts: Any


@numba.njit
def arrays(job):
    """The arrays that Words point into."""
    return (
        np.zeros(2 * ROUNDS, np.uint64), np.zeros(fill.TILE, np.uint32),
        np.zeros(fill.TILE, np.uint32), np.zeros(1 + job.n_features, np.int64),
    )  # fmt: skip


@numba.njit
def pointers(a):
    """The pointers into them."""
    return Words(v.pointer(a[0]), v.pointer(a[1]), v.pointer(a[2]), v.pointer(a[3]))


@numba.njit(forceinline=True)
def draw_counts(job, cells, step, w):
    """Draw the counts of a step's samples; returns those that go through the gates, and the tiles
    that they fill."""
    samples = job.batch
    if cells.number > 0:
        counts.draw(job.batch, cells, w.keys, step, w.drawn, w.counts)
        samples = w.counts[0]
    return samples, ((samples + 3) // 4 + 7) // 8
