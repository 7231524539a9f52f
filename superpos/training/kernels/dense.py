"""The gradient of dense tiles of 32 samples: every product of the model, with samples in the lanes.

Layout: X, Y [feature, 32], H, E [hidden, 32], W, W_out [feature, hidden]; all arrays are flat. Until
the batch ends, each entry of the gradient is held as eight partial sums (`products`).
"""

from typing import Any, NamedTuple

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.training.kernels import rows
from superpos.training.kernels.philox_lanes import TILE
from superpos.training.kernels.products import combine, outer, paired
from superpos.training.kernels.rows import AT_ONCE, ONE, TWO


class Scratch(NamedTuple):
    """The work space of a step, as pointers.

    X, Y [feature, 32]: x, and delta; H, E [hidden, 32]: h, and eta; H_pairs, E_pairs: the same as
    `paired` writes them; sums [parameter, 8]: the partial sums of dL/dP, and 8 of the loss.
    """

    X: Any
    Y: Any
    H: Any
    E: Any
    H_pairs: Any
    E_pairs: Any
    sums: Any


@part
def sizes(job):
    """How many numbers each array of Scratch needs."""
    n, m, matrices = job.n_features * TILE, job.n_hidden * TILE, 1 if job.tied else 2
    weights = matrices * job.n_features * job.n_hidden
    return n, n, m, m, m, m, (weights + job.n_features + 1) * 8


@part
def scratch(f, at):
    """The pointers of Scratch into the float array f, where array k starts at at[k]."""
    return Scratch(
        v.shift(f, at[0]), v.shift(f, at[1]), v.shift(f, at[2]), v.shift(f, at[3]),
        v.shift(f, at[4]), v.shift(f, at[5]), v.shift(f, at[6]),
    )  # fmt: skip


@part
def tile(job, P, scale, importance, z, with_loss):
    """Add the part of the tile in X to the sums of dL/dP.

    h = act_h(W^T x), y = act_out(W_out h + b), delta_i = 2 I_i / batch (y_i - t_i) act_out', eta =
    act_h' W_out^T delta; dW = x eta^T (+ delta h^T if tied), dW_out = delta h^T, db = delta.
    `scale` is 2 I / batch.
    """
    n, m = job.n_features, job.n_hidden
    out = 0 if job.tied else n * m
    combine(z.X, P, 0, m, 1, n, m, z.H)
    if job.relu_hidden:
        for i in range(0, m * TILE, 16):
            h = v.load_wide(z.H, i)
            v.store(z.H, i, v.where_positive(h, h))
    of_b = v.shift(z.sums, 8 * (out + n * m))
    write_deltas(job, z.H, z.X, P, out, scale, importance, z.Y, of_b, with_loss)
    combine(z.Y, P, out, m, 1, n, m, z.E)
    if job.relu_hidden:
        for i in range(0, m * TILE, 16):
            v.store(z.E, i, v.where_positive(v.load_wide(z.H, i), v.load_wide(z.E, i)))
    H, E = paired(z.H, m, z.H_pairs), paired(z.E, m, z.E_pairs)
    if job.tied:
        outer(((z.X, E), (z.Y, H)), n, m, z.sums, 0)
    else:
        outer(((z.X, E),), n, m, z.sums, 0)
        outer(((z.Y, H),), n, m, z.sums, 8 * out)


@part
def write_deltas(job, H, X, P, out, scale, importance, Y, sums, with_loss):
    """Y <- delta, of y = act_out(W_out h + b).

    W_out starts at P[out] and is followed by b.

    Adds sum delta to sums [n, 8], and sum I error^2 to the eight lanes after them.
    """
    n, at_once = job.n_features, len(AT_ONCE)
    loss = v.load(sums, 8 * n)
    whole = n // at_once * at_once
    for j in range(0, whole, at_once):
        loss = _deltas(job, H, X, P, out, scale, importance, Y, sums, with_loss, loss, j, AT_ONCE)
    for j in range(whole, n):
        loss = _deltas(job, H, X, P, out, scale, importance, Y, sums, with_loss, loss, j, ONE)
    v.store(sums, 8 * n, loss)


@part(forceinline=True)
def _deltas(job, H, X, P, out, scale, importance, Y, sums, with_loss, loss, j, some):
    """Compute delta for a few features starting at j, and return the loss."""
    n, m = job.n_features, job.n_hidden
    y = rows.splat_grid(P, out + n * m + j, 1, some, TWO)
    at = out + j * m
    for k in range(m):
        weights = rows.splat_grid(P, at + k, m, some, ONE)
        y = rows.plus_outer(y, weights, rows.load_grid(H, k * TILE, 0, 16, ONE, TWO))
    x = rows.load_grid(X, j * TILE, TILE, 16, some, TWO)
    if job.absolute_target:
        x = rows.magnitudes(x)
    slope = rows.splat_grid(scale, j, 1, some, TWO)
    delta = rows.deltas(y, x, slope) if job.relu_output else rows.errors(y, x, slope)
    rows.store_grid(Y, j * TILE, TILE, 16, some, delta)
    rows.add_quarters(sums, 8 * j, some, delta)
    if with_loss:
        r = rows.positive_part(y) if job.relu_output else y
        loss = rows.plus_squares(loss, rows.splat_grid(importance, j, 1, some, TWO), r, x)
    return loss


@part
def finish(job, P, scale, importance, sums, empty, G):
    """G [parameter]: the lanes of `sums`, and `empty` samples with x = 0; returns the loss sum.

    An empty sample has h = 0 and y = act_out(b): delta = 2 I / batch b act_out' acts on b alone.
    """
    at = (1 if job.tied else 2) * job.n_features * job.n_hidden
    for i in range(at):
        G[i] = v.lane_sum(v.load(sums, 8 * i))
    of_b = v.shift(P, at), v.shift(sums, 8 * at), v.shift(G, at)
    return finish_bias(job, of_b[0], scale, importance, of_b[1], empty, of_b[2])


@part
def finish_bias(job, b, scale, importance, sums, empty, G):
    """Write G [feature], the gradient of b; returns the loss, whose partial sums follow those of b."""
    n = job.n_features
    loss = v.lane_sum(v.load(sums, 8 * n))
    for j in range(n):
        G[j] = v.lane_sum(v.load(sums, 8 * j))
        if b[j] > 0 or not job.relu_output:
            G[j] += empty * (scale[j] * b[j])
            loss += empty * (importance[j] * b[j] * b[j])
    return loss
