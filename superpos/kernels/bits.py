"""Bit masks of what is not 0 in a tile: the samples of a feature, or the features of a sample."""

import numba
import numpy as np

from superpos.kernels.fill import TILE

WORD = 64
"""Features in a word of a sample's mask."""
_HALF = np.uint64(32)


@numba.njit
def words_of(job):
    """Words of a sample's mask."""
    return (job.n_features + WORD - 1) // WORD


@numba.njit(forceinline=True)
def join(a, b, c, d):
    """The bits of four vectors as one mask of a tile's samples."""
    return a | b << np.uint64(8) | c << np.uint64(16) | d << np.uint64(24)


@numba.njit
def by_sample(job, masks, turned, out):
    """The masks [feature], of samples, as masks `out` [32, word], of features.

    Two squares of 32 x 32 bits are transposed in the halves of 32 numbers, block by block.
    """
    words = words_of(job)
    for q in range(words):
        for k in range(32):
            turned[k] = masks[WORD * q + k] | masks[WORD * q + 32 + k] << _HALF
        _swap(turned, 16, np.uint64(0x0000FFFF0000FFFF))
        _swap(turned, 8, np.uint64(0x00FF00FF00FF00FF))
        _swap(turned, 4, np.uint64(0x0F0F0F0F0F0F0F0F))
        _swap(turned, 2, np.uint64(0x3333333333333333))
        _swap(turned, 1, np.uint64(0x5555555555555555))
        for s in range(TILE):
            out[s * words + q] = turned[s]


@numba.njit(forceinline=True)
def _swap(rows, j, low):
    """Swap the blocks of j x j bits beside the diagonal."""
    for first in range(0, 32, 2 * j):
        for k in range(first, first + j):
            t = ((rows[k] >> np.uint64(j)) ^ rows[k + j]) & low
            rows[k] ^= t << np.uint64(j)
            rows[k + j] ^= t
