"""The work space of `whole_set`, how it is laid out, and the shapes for which its kernel is compiled."""

from typing import Any, NamedTuple

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.simd.vectors import WIDE_LANES

TILE = 64
"""The number of samples that are processed together, in one pass over all features."""

STRIP = 4
"""The largest number of hidden units whose weights stay in registers."""

BLOCK = 512
"""How many features a few samples are processed for at a time, so that rows of W and G stay in cache."""


class Scratch(NamedTuple):
    """The work space of a step, as pointers.

    Hidden units come in strips of the length for which the kernel is compiled, and features in vectors of
    sixteen. The last strip and the last vector are padded with zeros.
    root [feature]: q; W [vector, hidden + 1, 16]: W~, and b~ in the last row; G: the sums of delta h, and
    of delta, as in W. X, Y [sample, BLOCK]: q x, and delta, of a few samples in a block of features; H
    [strip, TILE, hidden of strip]: h, and later eta; E: the sixteen partial sums of eta, as in H; loss
    [TILE, 8]: those of the loss; entry [TILE]: the first entry beyond the blocks passed, by the first
    row of a group.
    """

    root: Any
    W: Any
    G: Any
    X: Any
    Y: Any
    H: Any
    E: Any
    loss: Any
    entry: Any


@part(forceinline=True)
def hidden_units(job, shape):
    """The number of hidden units; the compiler knows it where one strip holds all of them."""
    return len(shape[0]) if len(shape) == 3 else job.n_hidden


@part(forceinline=True)
def padded(job, shape):
    """The numbers of features and of hidden units, rounded up to whole vectors and strips."""
    n, m, strip = job.n_features, hidden_units(job, shape), len(shape[0])
    return (n + WIDE_LANES - 1) // WIDE_LANES * WIDE_LANES, (m + strip - 1) // strip * strip


@part
def sizes(job, shape):
    """How many numbers each array of Scratch needs."""
    features, hidden = padded(job, shape)
    matrix, block, tile = (hidden + 1) * features, len(shape[1]) * BLOCK, TILE * hidden
    return features, matrix, matrix, block, block, tile, tile * WIDE_LANES, TILE * 8


@part
def scratch(f, at, entry):
    """The pointers of Scratch into the float array f, where array k starts at at[k], and the integers
    `entry`."""
    return Scratch(
        v.shift(f, at[0]), v.shift(f, at[1]), v.shift(f, at[2]), v.shift(f, at[3]),
        v.shift(f, at[4]), v.shift(f, at[5]), v.shift(f, at[6]), v.shift(f, at[7]), entry,
    )  # fmt: skip


def at_once(job):  # type: ignore[no-untyped-def]
    """How many samples are computed at a time: as many as fit into registers."""
    if v.WIDE:
        return 2 if job.n_hidden == 4 else 4
    return 2 if job.n_hidden <= 2 else 1


def shape_of(job, dtype: type = np.float32) -> tuple:  # type: ignore[no-untyped-def]
    """Tuples of zeros for the hidden units of a strip, the samples at a time, and their product.

    There is a fourth, empty tuple if one strip does not hold all hidden units. A kernel is compiled for the
    type of these tuples.
    """
    zero, strip = (np.dtype(dtype).type(0),), min(job.n_hidden, STRIP)
    shape = zero * strip, zero * at_once(job), zero * (at_once(job) * strip)
    return shape if strip == job.n_hidden else (*shape, ())


@part(forceinline=True)
def of_hidden(shape, k, s):
    """The index in H of hidden unit k of sample s of a tile."""
    strip = len(shape[0])
    return (k // strip * TILE + s) * strip + k % strip
