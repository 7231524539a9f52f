"""The gradient with a control variate: the linear model's part is exact, ReLU's part is sampled.

With G = W W^T and y = G x + b, split the loss into the linear model's loss and what the ReLU changes:

    L = E |G x + b - x|^2  +  E sum over j with y_j <= 0 of (x_j^2 - (y_j - x_j)^2).

The x_i are independent and have one density, so all have the same mean mu and variance v. Then G x +
b - x has mean d and covariance v (G - 1)(G - 1)^T, and the first term has the closed form

    v |G - 1|_F^2 + |d|^2,   d_j = mu (W_j s - 1) + b_j,   s = sum_j W_j.

Its derivatives follow from dG = dW W^T + W dW^T and from ds = sum_j dW_j:

    dW_j = 4 v (A W_j - W_j) + 2 mu (d_j s + t),   db_j = 2 d_j,
    A = sum_j W_j W_j^T,   t = sum_j d_j W_j.

The second term is sampled. It acts only where ReLU cuts an output off, with delta_j = -2 (y_j - x_j),
so its noise is small if the ReLU seldom acts. Everything is multiplied by the importance, which is
the same for all features.

The sums' order is fixed: features in order, samples in order within their lane of a tile, lanes last.
"""

from typing import Any, NamedTuple

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.training.kernels import products, rows
from superpos.training.kernels.philox_lanes import TILE


class Scratch(NamedTuple):
    """The work space of a step, as pointers.

    bent [feature + 1]: the features that a tile corrects, followed by their number; Q: parameters; X, D
    [feature, 32]: x, and W h; H, E [hidden, 32]: h and eta; pairs: one of them as
    `products.paired` writes it; bent_D [feature, 32] and bent_W [feature,
    hidden]: the deltas of the corrected features, and their W_j; M [hidden, hidden]: A; s, t [hidden];
    d [feature]; sums [parameter, 8], as in `dense`.
    """

    bent: Any
    Q: Any
    X: Any
    D: Any
    H: Any
    E: Any
    pairs: Any
    bent_D: Any
    bent_W: Any
    M: Any
    s: Any
    t: Any
    d: Any
    sums: Any


@part
def sizes(job):
    """How many numbers each float array of Scratch needs."""
    n, m = job.n_features, job.n_hidden
    wide = m + 8
    return (
        n * m + n + 16, n * TILE, n * TILE, m * TILE, m * TILE, m * TILE, n * TILE,
        n * m + 8, m * wide + 8, wide, wide, n, (n * m + n + 1) * 8,
    )  # fmt: skip


@part
def tile(job, c, importance, z, with_loss):
    """Add the sampled part of a tile's gradient to the sums, with c = 2 I / batch.

    As in `dense`, dW = x eta^T + delta h^T; but delta has rows only for the corrected features.
    """
    n, m = job.n_features, job.n_hidden
    products.combine(z.X, z.Q, 0, m, 1, n, m, z.H)
    products.combine(z.H, z.Q, 0, 1, m, m, n, z.D)
    _corrections(job, c, importance, v.shift(z.sums, n * m * 8), z, with_loss)
    products.combine(z.bent_D, z.bent_W, 0, m, 1, z.bent[n], m, z.E)
    products.outer(((z.X, products.paired(z.E, m, z.pairs)),), n, m, z.sums, 0)
    H = products.paired(z.H, m, z.pairs)
    for k in range(z.bent[n]):
        products.outer(((v.shift(z.bent_D, k * TILE), H),), 1, m, z.sums, z.bent[k] * m * 8)


@part
def _corrections(job, c, importance, b_sums, z, with_loss):
    """Find the features with y_j <= 0 in some sample of the tile, and set delta_j = -c (y_j - x_j) there."""
    n, m, bent = job.n_features, job.n_hidden, 0
    zero, one = v.splat(z.X[0] - z.X[0]), rows.splat_grid(importance, 0, 0, rows.ONE, rows.TWO)
    minus, loss = v.splat_wide(-c), zero
    for j in range(n):
        b, s = v.splat_wide(z.Q[n * m + j]), j * TILE
        y = v.add(v.load_wide(z.D, s), b), v.add(v.load_wide(z.D, s + 16), b)
        if not v.all_positive(v.minimum(y[0], y[1])):
            x = v.load_wide(z.X, s), v.load_wide(z.X, s + 16)
            d = _bend(y[0], x[0], minus), _bend(y[1], x[1], minus)
            rows.store_grid(z.bent_D, bent * TILE, 0, 16, rows.ONE, d)
            rows.add_quarters(b_sums, 8 * j, rows.ONE, d)
            for k in range(m):
                z.bent_W[bent * m + k] = z.Q[j * m + k]
            z.bent[bent] = j
            bent += 1
        if with_loss:
            x = v.load_wide(z.X, s), v.load_wide(z.X, s + 16)
            loss = rows.plus_squares(loss, one, rows.positive_part(y), x)
    z.bent[n] = bent
    if with_loss:
        v.store(b_sums, 8 * n, v.add(v.load(b_sums, 8 * n), loss))


@part(forceinline=True)
def _bend(y, x, minus):
    """-c (y - x) if y <= 0, else 0."""
    return v.unless_positive(y, v.mul(minus, v.sub(y, x)))


@part
def finish(job, p, importance, z, G):
    """Write the gradient G [parameter]: the sums of all tiles, and the closed form; returns the loss sum."""
    n, m = job.n_features, job.n_hidden
    number = type(z.Q[0])
    # The W_j of the corrected features are no longer needed, so the dW of the closed form
    # overwrites them.
    # x is uniform on [0, 1] with probability p: its mean is p / 2, its variance p / 3 - p^2 / 4.
    closed, d = z.bent_W, z.d
    _closed_form(job, number(p / 2), number(4 * (p / 3 - p * p / 4)), closed, d, z)
    one = importance[0]
    for i in range(n * m):
        G[i] = v.lane_sum(v.load(z.sums, 8 * i)) + one * closed[i]
    for j in range(n):
        i = n * m + j
        G[i] = v.lane_sum(v.load(z.sums, 8 * i)) + one * (d[j] + d[j])
    return v.lane_sum(v.load(z.sums, 8 * (n * m + n)))


@part
def _closed_form(job, mean, spread, closed, d, z):
    """closed = 4 v (A W_j - W_j) + 2 mu (d_j s + t), and d; mean is mu, spread is 4 v.

    The lanes beyond the hidden units hold numbers that are never read. At the end of a row they
    spill into the next row, which is written later and overwrites them.
    """
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


@part
def _squares(job, z):
    """A = sum_j W_j W_j^T; the lanes beyond the hidden units hold numbers that are never read."""
    n, m, wide = job.n_features, job.n_hidden, job.n_hidden + 8
    for at in range(0, m, 8):
        for k in range(m):
            a = v.splat(z.Q[0] - z.Q[0])
            for j in range(n):
                a = v.fma(v.splat(z.Q[j * m + k]), v.load(z.Q, j * m + at), a)
            v.store(z.M, k * wide + at, a)
