"""The work space of `single`, and how it is laid out.

Rows over features j are padded to a multiple of eight, `wide`. The samples of a feature are padded to a
multiple of eight with value 0: those samples are empty, and the caller counts them as empty.
"""

from typing import Any, NamedTuple

from superpos.numerics import simd as v
from superpos.numerics.compiled import part


class Scratch(NamedTuple):
    """The work space of a step, as pointers.

    value: the values of a step, feature by feature; T, dT [hidden, wide]: W_out^T and its gradient;
    R [hidden] and g, C, D [wide] of the current feature; b, db, scale, importance [wide].
    """

    value: Any
    T: Any
    dT: Any
    R: Any
    g: Any
    b: Any
    C: Any
    D: Any
    db: Any
    scale: Any
    importance: Any


@part
def padded(count):
    return (count + 7) // 8 * 8


@part
def in_sixteens(job):
    """How many of the padded features are processed sixteen at a time; the rest go in groups of eight."""
    return padded(job.n_features) // 16 * 16 if v.WIDE else 0


@part
def sizes(job):
    """How many numbers each array of Scratch needs."""
    n, m, wide = job.n_features, job.n_hidden, padded(job.n_features)
    values = job.batch + 8 * n + 32
    return values, m * wide, m * wide, m, wide, wide, wide, wide, wide, wide, wide


@part
def scratch(f, at):
    """The pointers of Scratch into the float array f, where array k starts at at[k]."""
    return Scratch(
        v.shift(f, at[0]), v.shift(f, at[1]), v.shift(f, at[2]), v.shift(f, at[3]),
        v.shift(f, at[4]), v.shift(f, at[5]), v.shift(f, at[6]), v.shift(f, at[7]),
        v.shift(f, at[8]), v.shift(f, at[9]), v.shift(f, at[10]),
    )  # fmt: skip
