"""The gradient with a control variate: the linear model's part exact, ReLU's part from a minibatch.

L = E |G x + b - x|^2 + E sum over y_j <= 0 of (x_j^2 - (y_j - x_j)^2), G = W W^T, for x_i independent
with one density: mean mu, variance v. The first term is in closed form,

    v |G - 1|_F^2 + |d|^2,   d_j = mu (W_j s - 1) + b_j,   s = sum_j W_j
    dW_j = 4 v (A W_j - W_j) + 2 mu (d_j s + t),   db_j = 2 d_j,   A = sum_j W_j W_j^T,
    t = sum_j d_j W_j

and the second acts only where an output is at rest: delta_j = -2 (y_j - x_j) there. All of it times
the one importance. What is sampled is small where ReLU seldom acts, and so is its noise.
"""

from typing import Any, NamedTuple

import numba

from superpos.numerics import simd as v
from superpos.training.kernels import dense
from superpos.training.kernels.fill import TILE


class Scratch(NamedTuple):
    """Work space of a step, as pointers.

    bent: the features corrected in a tile, their number last. Q: parameters; X, D [feature, 32];
    H, E [hidden, 32]; bent_D [feature, 32] and bent_W [feature, hidden]: corrections
    and their W_j; M [hidden, hidden]: A; s, t [hidden]; d [feature]; sums as in `dense`.
    """

    bent: Any
    Q: Any
    X: Any
    D: Any
    H: Any
    E: Any
    bent_D: Any
    bent_W: Any
    M: Any
    s: Any
    t: Any
    d: Any
    sums: Any


@numba.njit
def sizes(job):
    """Numbers that each float array of Scratch needs."""
    n, m = job.n_features, job.n_hidden
    wide = m + 8
    return (
        n * m + n + 16, n * TILE, n * TILE, m * TILE, m * TILE, n * TILE, n * m + 8,
        m * wide + 8, wide, wide, n, (n * m + n + 1) * 8,
    )  # fmt: skip


@numba.njit
def tile(job, c, importance, z, with_loss):
    """Add the sampled part of a tile's gradient to the sums; c = 2 I / batch."""
    n, m = job.n_features, job.n_hidden
    dense.combine(z.X, z.Q, 0, m, 1, n, m, z.H)
    dense.combine(z.H, z.Q, 0, 1, m, m, n, z.D)
    _corrections(job, c, importance, v.shift(z.sums, n * m * 8), z, with_loss)
    dense.combine(z.bent_D, z.bent_W, 0, m, 1, z.bent[n], m, z.E)
    dense.outer(((z.X, z.E),), n, m, z.sums, 0)
    for k in range(z.bent[n]):
        delta = v.shift(z.bent_D, k * TILE)
        dense.outer(((delta, z.H),), 1, m, z.sums, z.bent[k] * m * 8)


@numba.njit
def _corrections(job, c, importance, b_sums, z, with_loss):
    """Find the features with y <= 0 somewhere in the tile; bent_D = -c (y - x) there."""
    n, m, bent = job.n_features, job.n_hidden, 0
    zero, minus, one = v.splat(z.X[0] - z.X[0]), v.splat(-c), v.splat(importance[0])
    loss = zero
    for j in range(n):
        b, s = v.splat(z.Q[n * m + j]), j * TILE
        y0, y1, y2, y3 = dense.four(z.D, s)
        y0, y1, y2, y3 = v.add(y0, b), v.add(y1, b), v.add(y2, b), v.add(y3, b)
        if not (v.all_positive(v.minimum(v.minimum(y0, y1), v.minimum(y2, y3)))):
            x0, x1, x2, x3 = dense.four(z.X, s)
            d0, d1 = _bend(y0, x0, minus), _bend(y1, x1, minus)
            d2, d3 = _bend(y2, x2, minus), _bend(y3, x3, minus)
            dense.store(z.bent_D, bent * TILE, d0, d1, d2, d3)
            all_four = v.add(v.add(d0, d1), v.add(d2, d3))
            v.store(b_sums, 8 * j, v.add(v.load(b_sums, 8 * j), all_four))
            for k in range(m):
                z.bent_W[bent * m + k] = z.Q[j * m + k]
            z.bent[bent] = j
            bent += 1
        if with_loss:
            dense.store(z.D, s, y0, y1, y2, y3)
            for at in range(s, s + TILE, 8):
                y = v.load(z.D, at)
                error = v.sub(v.where_positive(y, y), v.load(z.X, at))
                loss = v.fma(v.mul(one, error), error, loss)
    z.bent[n] = bent
    if with_loss:
        v.store(b_sums, 8 * n, v.add(v.load(b_sums, 8 * n), loss))


@numba.njit(forceinline=True)
def _bend(y, x, minus):
    """-c (y - x) where y <= 0, else 0."""
    return v.unless_positive(y, v.mul(minus, v.sub(y, x)))


@numba.njit
def finish(job, p, importance, z, G):
    """G [parameter] from the sums of all tiles and the closed form; returns the loss sum."""
    n, m = job.n_features, job.n_hidden
    number = type(z.Q[0])
    # The corrections are done with, so their W_j give way to what the closed form adds.
    closed, d = z.bent_W, z.d
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
    _squares(job, z)
    s, t = z.s, z.t
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


@numba.njit
def _squares(job, z):
    """A = sum_j W_j W_j^T; lanes beyond hidden hold what nobody reads."""
    n, m, wide = job.n_features, job.n_hidden, job.n_hidden + 8
    for at in range(0, m, 8):
        for k in range(m):
            a = v.splat(z.Q[0] - z.Q[0])
            for j in range(n):
                a = v.fma(v.splat(z.Q[j * m + k]), v.load(z.Q, j * m + at), a)
            v.store(z.M, k * wide + at, a)
