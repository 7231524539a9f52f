"""The gradient with a control variate: the linear model's part exact, ReLU's part from a minibatch.

L = E |G x + b - x|^2 + E sum over y_j <= 0 of (x_j^2 - (y_j - x_j)^2), G = W W^T, for x_i independent
with one density: mean mu, variance v. The first term is in closed form,

    v |G - 1|_F^2 + |d|^2,   d_j = mu (W_j s - 1) + b_j,   s = sum_j W_j
    dW_j = 4 v (A W_j - W_j) + 2 mu (d_j s + t),   db_j = 2 d_j,   A = sum_j W_j W_j^T,
    t = sum_j d_j W_j

and the second acts only where an output is at rest: delta_j = -2 (y_j - x_j) there. All of it times
the one importance. What is sampled is small where ReLU seldom acts, and so is its noise.
"""

import numba

from superpos.kernels import dense, uniform
from superpos.kernels import simd as v


@numba.njit
def tile(job, c, importance, z, with_loss):
    """Add the sampled part of a tile's gradient to the sums; c = 2 I / batch."""
    n, m = job.n_features, job.n_hidden
    dense.combine(z.X, z.Q, 0, m, 1, n, m, z.zeros, z.H)
    dense.combine(z.H, z.Q, 0, 1, m, m, n, z.zeros, z.D)
    uniform.corrections(job, c, n, importance, v.shift(z.sums, n * m * 8), z, with_loss)
    dense.combine(z.bent_D, z.bent_W, 0, m, 1, z.bent[n], m, z.zeros, z.E)
    dense.outer(z.X, z.E, n, m, z.sums, 0)
    for k in range(z.bent[n]):
        dense.outer(v.shift(z.bent_D, k * dense.TILE), z.H, 1, m, z.sums, z.bent[k] * m * 8)


@numba.njit
def finish(job, p, importance, z, G):
    """G [parameter] from the sums of all tiles and the closed form; returns the loss sum."""
    n, m = job.n_features, job.n_hidden
    number = type(z.Q[0])
    # The corrections are done with, so their W_j give way to what the closed form adds.
    closed, d = z.bent_W, z.x_sums
    _closed_form(job, number(p / 2), number(4 * (p / 3 - p * p / 4)), closed, d, z)
    one = importance[0]
    for i in range(n * m):
        G[i] = v.total(v.load(z.sums, 8 * i)) + one * closed[i]
    for j in range(n):
        i = n * m + j
        G[i] = v.total(v.load(z.sums, 8 * i)) + one * (d[j] + d[j])
    return v.total(v.load(z.sums, 8 * (n * m + n)))


@numba.njit
def _closed_form(job, mean, spread, closed, d, z):
    """closed = 4 v (A W_j - W_j) + 2 mu (d_j s + t), and d; lanes beyond hidden hold what nobody
    reads, or spill into the next row, which is written after."""
    n, m, wide = job.n_features, job.n_hidden, job.n_hidden + 8
    zero = v.splat(mean - mean)
    uniform.quadratic(job, type(mean)(1), n, z)
    s, t = z.h_sums, z.u
    for at in range(0, m, 8):
        row = zero
        for j in range(n):
            row = v.add(row, v.load(z.Q, j * m + at))
        v.store(s, at, row)
    for j in range(n):
        d[j] = z.Q[n * m + j] - mean
        for k in range(m):
            d[j] += mean * (z.Q[j * m + k] * s[k])
    for at in range(0, m, 8):
        row = zero
        for j in range(n):
            row = v.fma(v.splat(d[j]), v.load(z.Q, j * m + at), row)
        v.store(t, at, row)
    twice = v.splat(mean + mean)
    for j in range(n):
        for at in range(0, m, 8):
            a = v.sub(zero, v.load(z.Q, j * m + at))
            for q in range(m):
                a = v.fma(v.splat(z.Q[j * m + q]), v.load(z.M, q * wide + at), a)
            drift = v.fma(v.splat(d[j]), v.load(s, at), v.load(t, at))
            v.store(closed, j * m + at, v.fma(twice, drift, v.mul(v.splat(spread), a)))
