"""The integer work space of the loops that can draw the number of samples in each class."""

from typing import Any, NamedTuple

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.philox import ROUNDS
from superpos.training.kernels import counts, fill


class Integers(NamedTuple):
    """Integer scratch as pointers: round keys, chosen rows, words of counts, counts [class]."""

    keys: Any
    chosen: Any
    drawn: Any
    counts: Any


@part
def arrays(job):
    """Allocate the arrays into which `Integers` points."""
    return (
        np.zeros(2 * ROUNDS, np.uint64), np.zeros(fill.TILE, np.uint32),
        np.zeros(fill.TILE, np.uint32), np.zeros(1 + job.n_features, np.int64),
    )  # fmt: skip


@part
def pointers(a):
    """`Integers` with pointers into the arrays."""
    return Integers(v.pointer(a[0]), v.pointer(a[1]), v.pointer(a[2]), v.pointer(a[3]))


@part(forceinline=True)
def draw_counts(job, classes, step, w):
    """Draw the counts of a step; returns the number of samples that go through the gates, and of their
    tiles."""
    samples = job.batch
    if classes.number > 0:
        counts.draw(job.batch, classes, w.keys, step, w.drawn, w.counts)
        samples = w.counts[0]
    return samples, ((samples + 3) // 4 + 7) // 8
