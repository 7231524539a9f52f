"""The arrays that the wide kernel works in: what they hold, and how large they are."""

from typing import Any, NamedTuple

import numpy as np

from superpos.numerics.compiled import part
from superpos.training.kernels.masks import WORD, words_of
from superpos.training.kernels.philox_lanes import TILE

ROW = 2 * TILE
"""Numbers in a row of `Scratch.A`: x, then delta."""
ONE, HALF = np.uint64(1), np.uint64(32)
"""One bit, and where the second half of a mask of 64 bits begins."""


class Scratch(NamedTuple):
    """The work space of a step, as pointers. `wide` is n_hidden + 1, rounded up.

    Masks of samples, by feature: on [feature]: x_i is not 0; bent [feature]: delta_j is not 0.
    Masks of features, by sample: steady_of [32, word]: x_i is not 0 and i is in L; others_of [32,
    word]: x_i is not 0 and i is not in L; bent_of [32, word]: delta_j is not 0; steady [word]: L.
    turned [32] is scratch; flips [feature] counts the samples of the batch in which delta_j is not 0.
    Words of a draw of few entries: bytes [feature, 8], low [feature x 32].
    Floats: Q [feature, wide]: W~; A [feature, 64]: x of 32 samples, then delta; H, L [32, wide]: h~
    and h_L; E, V [64, wide]: eta and eta - c h~ of 32 samples, then h~ of the same samples; T [hidden
    + 1, 32]: h~ transposed; M [wide, wide]: M~; loss [8]. Sums over the batch: dW [feature, wide]:
    dW~; H2 [wide, wide]: H2~.
    """

    on: Any
    bent: Any
    steady_of: Any
    others_of: Any
    bent_of: Any
    turned: Any
    steady: Any
    flips: Any
    bytes: Any
    low: Any
    Q: Any
    A: Any
    H: Any
    L: Any
    E: Any
    V: Any
    T: Any
    M: Any
    loss: Any
    dW: Any
    H2: Any


@part
def wide_of(job):
    """n_hidden + 1, rounded up to whole groups of four vectors."""
    return (job.n_hidden + 32) // 32 * 32


@part
def mask_sizes(job):
    """How many numbers each array of masks needs, and `flips`."""
    words = words_of(job)
    by_feature, of_samples = WORD * words, TILE * words
    return by_feature, by_feature, of_samples, of_samples, of_samples, TILE, words, by_feature


@part
def word_sizes(job):
    """How many numbers `bytes` and `low` need."""
    return 8 * job.n_features + 32, TILE * job.n_features + 32


@part
def sizes(job):
    """How many numbers each float array of Scratch needs."""
    n, wide = job.n_features + 1, wide_of(job)
    rows = TILE * wide
    return (
        n * wide, n * ROW, rows, rows, 2 * rows, 2 * rows, rows, wide * wide, 8, n * wide,
        wide * wide,
    )  # fmt: skip


@part(forceinline=True)
def is_steady(z, j):
    """1 if feature j is in L, else 0."""
    return (z.steady[j // WORD] >> np.uint64(j % WORD)) & ONE
