"""Products of a tile that use bit masks to skip zeros.

A mask marks the samples in which a feature is not 0, or the features of a sample that are not 0.
"""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.training.kernels import rows
from superpos.training.kernels.philox_lanes import TILE

WORD = 64
"""The number of features in a word of a sample's mask."""
_HALF = np.uint64(32)


@part
def words_of(job):
    """The number of words in a sample's mask."""
    return (job.n_features + WORD - 1) // WORD


@part(forceinline=True)
def join(a, b):
    """Combine the bits of two wide vectors into a mask of the samples of a tile."""
    return a | b << np.uint64(16)


@part
def by_sample(job, masks, turned, out):
    """Turn masks of samples, [feature], into masks `out` of features, [32, word].

    Two squares of 32 x 32 bits, in the halves of 32 numbers, are transposed at once: first their
    quarters of 16 x 16 bits change places, then the quarters of those, down to single bits (Warren,
    "Hacker's Delight", section 7-3).
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


@part(forceinline=True)
def _swap(rows, j, low):
    """Swap the blocks of j x j bits on either side of the diagonal."""
    for first in range(0, 32, 2 * j):
        for k in range(first, first + j):
            t = ((rows[k] >> np.uint64(j)) ^ rows[k + j]) & low
            rows[k] ^= t << np.uint64(j)
            rows[k + j] ^= t


@part
def rest(bits):
    """The bits with the lowest set bit cleared."""
    return bits & (bits - np.uint64(1))


@part
def nonzero(n, A, out):
    """Write the mask of samples in which each row of A [feature, 32] is not 0."""
    for i in range(n):
        a, b = v.load_wide(A, i * TILE), v.load_wide(A, i * TILE + 16)
        out[i] = join(v.nonzero_bits(a), v.nonzero_bits(b))


@part
def by_hidden(A, count, wide, out):
    """out [count, 32]: the first numbers of each row of A [32, wide], with samples in the lanes."""
    for s in range(TILE):
        for k in range(count):
            out[k * TILE + s] = A[s * wide + k]


MOST_VECTORS = 24 if v.WIDE else 12
"""How many vectors of eight stay in registers."""


def row_of(count: int, dtype: type = np.float32, at_once: int = 1) -> tuple:
    """A tuple of zeros, one for each vector of eight of a row of `count` numbers.

    A kernel is compiled for the type of this tuple. If `at_once` rows would hold too many vectors, a row
    is split into equal parts. On a CPU with wide registers the length is a multiple of a whole register,
    so that no vector crosses a cache line.
    """
    vectors = -(-count // v.LANES)
    if v.WIDE and vectors > 1:
        vectors += vectors % 2
    parts = -(-vectors // (MOST_VECTORS // at_once))
    return (np.dtype(dtype).type(0),) * -(-vectors // parts)


@part(forceinline=True)
def padded(count, row):
    """`count` rounded up to whole rows."""
    return (count + 8 * len(row) - 1) // (8 * len(row)) * (8 * len(row))


@part(forceinline=True)
def add_two(a, b, left, right, A, B, stride, W, V, wide):
    """a + sum_i A[i stride] W_i over the bits i of `left`, and b + sum_i B[i stride] V_i over `right`.

    W and V hold rows of `wide` numbers. Each addition to a sum must wait for the one before; computing two
    sums at a time hides this latency.
    """
    while left != 0 and right != 0:
        i, k = v.lowest(left), v.lowest(right)
        left, right = rest(left), rest(right)
        a = rows.plus_row(a, A[i * stride], W, i * wide)
        b = rows.plus_row(b, B[k * stride], V, k * wide)
    return add_one(a, left, A, stride, W, wide), add_one(b, right, B, stride, V, wide)


@part(forceinline=True)
def add_one(a, left, A, stride, W, wide):
    """a + sum_i A[i stride] W_i over the bits i of `left`."""
    while left != 0:
        i = v.lowest(left)
        left = rest(left)
        a = rows.plus_row(a, A[i * stride], W, i * wide)
    return a


@part
def gather(job, row, A, masks, W, wide, out):
    """out_s = sum_i A_is W_i over the features of masks_s; W [feature, wide], out [32, wide]."""
    words = words_of(job)
    for at in range(0, wide, 8 * len(row)):
        for s in range(0, TILE, 2):
            a = b = rows.zero_row(row)
            for q in range(words):
                left, right = masks[s * words + q], masks[(s + 1) * words + q]
                of_word, here = v.shift(A, WORD * q * TILE + s), v.shift(W, WORD * q * wide + at)
                next_s = v.shift(of_word, 1)
                a, b = add_two(a, b, left, right, of_word, next_s, TILE, here, here, wide)
            rows.store_row(out, s * wide + at, a)
            rows.store_row(out, (s + 1) * wide + at, b)


@part
def add_products(job, row, A, masks, B, wide, sums):
    """sums_i += sum_s A_is B_s over the samples of masks_i; B [32, wide], sums [feature, wide]."""
    n = job.n_features
    for at in range(0, wide, 8 * len(row)):
        here = v.shift(B, at)
        for i in range(0, n - 1, 2):
            left, right, to = masks[i], masks[i + 1], i * wide + at
            if left | right != 0:
                a, b = rows.load_row(sums, to, row), rows.load_row(sums, to + wide, row)
                mine, next_i = v.shift(A, i * TILE), v.shift(A, (i + 1) * TILE)
                a, b = add_two(a, b, left, right, mine, next_i, 1, here, here, wide)
                rows.store_row(sums, to, a)
                rows.store_row(sums, to + wide, b)
        if n % 2 == 1:
            to = (n - 1) * wide + at
            a = rows.load_row(sums, to, row)
            a = add_one(a, masks[n - 1], v.shift(A, (n - 1) * TILE), 1, here, wide)
            rows.store_row(sums, to, a)
