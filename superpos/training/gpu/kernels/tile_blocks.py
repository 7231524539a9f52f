"""Blocks of rows of matrices for `tile`: loads, stores, and products by tensor cores."""

import triton
import triton.language as tl

from superpos.numerics.divergence import LARGEST as _LARGEST

LARGEST = tl.constexpr(_LARGEST)
LEADING = tl.constexpr(-8192)
"""The bits of a float32 that a tensor core multiplies: sign, exponent and the leading ten of the mantissa."""


@triton.jit
def product(a, b):
    """A B to nearly float32 precision, from three products of numbers with fewer bits.

    A = A1 + A2 with the leading bits in A1, and B likewise; A2 B2 is below float32's rounding.
    """
    a1 = (a.to(tl.int32, bitcast=True) & LEADING).to(tl.float32, bitcast=True)
    b1 = (b.to(tl.int32, bitcast=True) & LEADING).to(tl.float32, bitcast=True)
    small = tl.dot(a - a1, b1, input_precision="tf32")
    small = tl.dot(a1, b - b1, small, input_precision="tf32")
    return tl.dot(a1, b1, small, input_precision="tf32")


@triton.jit
def weights(at, begin, job: tl.constexpr):
    """Load a block of rows of a matrix [feature, hidden]: those of the features from `begin` on."""
    N: tl.constexpr = job.N
    M: tl.constexpr = job.M
    i, k = begin + tl.arange(0, N)[:, None], tl.arange(0, M)[None, :]
    return tl.load(at + i * job.m + k, (i < job.n) & (k < job.m), 0.0)


@triton.jit
def keep(at, begin, block, job: tl.constexpr):
    """Store a block of rows that `weights` loaded."""
    N: tl.constexpr = job.N
    M: tl.constexpr = job.M
    i, k = begin + tl.arange(0, N)[:, None], tl.arange(0, M)[None, :]
    tl.store(at + i * job.m + k, block, (i < job.n) & (k < job.m))


@triton.jit
def features(at, begin, job: tl.constexpr):
    """Load a block of a vector [feature]."""
    N: tl.constexpr = job.N
    i = begin + tl.arange(0, N)
    return tl.load(at + i, i < job.n, 0.0)


@triton.jit
def together(parts, job: tl.constexpr):
    """Four quarters [row, N] as one tile [4 rows, N], in the order 0, 2, 1, 3."""
    R: tl.constexpr = 4 * job.rows
    N: tl.constexpr = job.N
    joined = tl.join(tl.join(parts[0], parts[1]), tl.join(parts[2], parts[3]))
    return joined.permute(2, 3, 0, 1).reshape(R, N)


@triton.jit
def samples_inside(first, samples, job: tl.constexpr):
    """Which rows of a tile are samples, [4 rows, 1], because a tile may extend beyond the quarters' ends."""
    R: tl.constexpr = 4 * job.rows
    j = tl.arange(0, R)
    quarter_of, r = j // (2 * job.rows) + 2 * ((j // job.rows) % 2), first + j % job.rows
    quarter = (samples + 3) // 4
    return ((r < quarter) & (quarter_of * quarter + r < samples))[:, None]


@triton.jit
def is_sound(P, job: tl.constexpr):
    """Whether all parameters are within the bound beyond which a run has diverged."""
    beyond = 0
    for first in range(0, job.size, 1024):
        at = first + tl.arange(0, 1024)
        within = tl.abs(tl.load(P + at, at < job.size, 0.0)) <= LARGEST
        beyond += 1 - tl.min(within.to(tl.int32), 0)
    return beyond == 0
