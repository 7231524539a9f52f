"""The exact part of a gradient with a control variate, for `tile`."""

import triton
import triton.language as tl

from superpos.training.gpu.kernels.tile_blocks import features, keep, product, weights


@triton.jit
def mean_shift(P, W, s, mean, begin, job: tl.constexpr):
    """d_j = mu (W_j s - 1) + b_j of a block, and 0 beyond the features."""
    N: tl.constexpr = job.N
    b = features(P + job.size - job.n, begin, job)
    i = begin + tl.arange(0, N)
    return tl.where(i < job.n, mean * tl.sum(W * s[None, :], 1) + b - mean, 0.0)


@triton.jit
def exact(P, out, importances, p, job: tl.constexpr):
    """Write the exact part of a controlled gradient (`superpos.training.kernels.controlled`)."""
    n: tl.constexpr = job.n
    N: tl.constexpr = job.N
    M: tl.constexpr = job.M
    mean, spread = p / 2, 4 * (p / 3 - p * p / 4)
    A, s, t = tl.zeros([M, M], tl.float32), tl.zeros([M], tl.float32), tl.zeros([M], tl.float32)
    for begin in range(0, n, N):
        W = weights(P, begin, job)
        A += product(tl.trans(W), W)
        s += tl.sum(W, 0)
    for begin in range(0, n, N):
        W = weights(P, begin, job)
        t += tl.sum(W * mean_shift(P, W, s, mean, begin, job)[:, None], 0)
    for begin in range(0, n, N):
        W, importance = weights(P, begin, job), features(importances, begin, job)
        d = mean_shift(P, W, s, mean, begin, job)
        pull = 2 * mean * (d[:, None] * s[None, :] + t[None, :])
        keep(out, begin, importance[:, None] * (spread * (product(W, A) - W) + pull), job)
        i = begin + tl.arange(0, N)
        tl.store(out + job.size - n + i, importance * (d + d), i < n)
    tl.store(out + job.size, 0.0)
