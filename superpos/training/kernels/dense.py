"""The gradient of dense tiles of 32 samples: every product of the model, with samples in the lanes.

Layout: X, Y [feature, 32], H, E [hidden, 32], W, W_out [feature, hidden]; all arrays are flat. Until
the batch ends, each entry of the gradient is held as eight partial sums: lane l sums the samples l, l
+ 8, l + 16 and l + 24 of all tiles. So the order of every sum is fixed.
"""

import numba

from superpos.numerics import simd as v
from superpos.training.kernels import rows
from superpos.training.kernels.philox_lanes import TILE


@numba.njit
def tile(job, P, X, scale, importance, Y, H, E, sums, with_loss):
    """Add a tile's part of dL/dP to `sums` [parameter, 8]; its last 8 entries sum the loss.

    h = act_h(W^T x), y = act_out(W_out h + b), delta_i = 2 I_i / batch (y_i - t_i) act_out', eta =
    act_h' W_out^T delta; dW = x eta^T (+ delta h^T if tied), dW_out = delta h^T, db = delta.
    `scale` is 2 I / batch; Y, H and E are scratch.
    """
    n, m = job.n_features, job.n_hidden
    out = 0 if job.tied else n * m
    combine(X, P, 0, m, 1, n, m, H)
    if job.relu_hidden:
        for i in range(0, m * TILE, 8):
            v.store(H, i, v.where_positive(v.load(H, i), v.load(H, i)))
    of_b = v.shift(sums, 8 * (out + n * m))
    write_deltas(job, H, X, P, out, scale, importance, Y, of_b, with_loss)
    combine(Y, P, out, m, 1, n, m, E)
    if job.relu_hidden:
        for i in range(0, m * TILE, 8):
            v.store(E, i, v.where_positive(v.load(H, i), v.load(E, i)))
    if job.tied:
        outer(((X, E), (Y, H)), n, m, sums, 0)
    else:
        outer(((X, E),), n, m, sums, 0)
        outer(((Y, H),), n, m, sums, 8 * out)


@numba.njit
def combine(A, P, start, stride_in, stride_out, count_in, count_out, out):
    """out[k] = sum_i P[start + i stride_in + k stride_out] A[i]; computes two k at a time.

    A [count_in, 32], out [count_out, 32].
    """
    zero = v.splat(P[0] - P[0])
    for k in range(0, count_out - 1, 2):
        o = k * TILE
        a0, a1, a2, a3 = zero, zero, zero, zero
        b0, b1, b2, b3 = zero, zero, zero, zero
        at = start + k * stride_out
        for i in range(0, count_in * TILE, TILE):
            u, w = v.splat(P[at]), v.splat(P[at + stride_out])
            x0, x1, x2, x3 = four(A, i)
            a0, a1, a2, a3 = v.fma(x0, u, a0), v.fma(x1, u, a1), v.fma(x2, u, a2), v.fma(x3, u, a3)
            b0, b1, b2, b3 = v.fma(x0, w, b0), v.fma(x1, w, b1), v.fma(x2, w, b2), v.fma(x3, w, b3)
            at += stride_in
        store_four(out, o, a0, a1, a2, a3)
        store_four(out, o + TILE, b0, b1, b2, b3)
    if count_out % 2 == 1:
        k = count_out - 1
        a0, a1, a2, a3 = zero, zero, zero, zero
        at = start + k * stride_out
        for i in range(0, count_in * TILE, TILE):
            u = v.splat(P[at])
            x0, x1, x2, x3 = four(A, i)
            a0, a1, a2, a3 = v.fma(x0, u, a0), v.fma(x1, u, a1), v.fma(x2, u, a2), v.fma(x3, u, a3)
            at += stride_in
        store_four(out, k * TILE, a0, a1, a2, a3)


@numba.njit(forceinline=True)
def four(A, at):
    """The four vectors of a row of a tile."""
    return v.load(A, at), v.load(A, at + 8), v.load(A, at + 16), v.load(A, at + 24)


@numba.njit(forceinline=True)
def store_four(out, at, a0, a1, a2, a3):
    v.store(out, at, a0)
    v.store(out, at + 8, a1)
    v.store(out, at + 16, a2)
    v.store(out, at + 24, a3)


@numba.njit
def write_deltas(job, H, X, P, out, scale, importance, Y, sums, with_loss):
    """Y <- delta, of y = act_out(W_out h + b); two features at a time.

    W_out starts at P[out] and is followed by b.

    Adds sum delta to sums [n, 8], and sum I error^2 to the eight lanes after them.
    """
    n, m = job.n_features, job.n_hidden
    b, loss = out + n * m, v.load(sums, 8 * n)
    for j in range(0, n - 1, 2):
        y0, y1 = _four_of(P[b + j]), _four_of(P[b + j + 1])
        at = out + j * m
        for k in range(m):
            y0 = rows.plus_row(y0, P[at + k], H, k * TILE)
            y1 = rows.plus_row(y1, P[at + m + k], H, k * TILE)
        loss = _delta(job, j, y0, X, scale, importance, Y, sums, loss, with_loss)
        loss = _delta(job, j + 1, y1, X, scale, importance, Y, sums, loss, with_loss)
    if n % 2 == 1:
        y0, at = _four_of(P[b + n - 1]), out + (n - 1) * m
        for k in range(m):
            y0 = rows.plus_row(y0, P[at + k], H, k * TILE)
        loss = _delta(job, n - 1, y0, X, scale, importance, Y, sums, loss, with_loss)
    v.store(sums, 8 * n, loss)


@numba.njit(forceinline=True)
def _four_of(number):
    u = v.splat(number)
    return u, u, u, u


@numba.njit(forceinline=True)
def _delta(job, j, y, X, scale, importance, Y, sums, loss, with_loss):
    """Store delta_j for the four vectors y, and add it to its sum; returns the loss."""
    x = rows.load_row(X, j * TILE, 8, (0, 0, 0, 0))
    if job.absolute_target:
        x = v.absolute(x[0]), v.absolute(x[1]), v.absolute(x[2]), v.absolute(x[3])
    slope = _four_of(scale[j])
    d = rows.deltas(y, x, slope) if job.relu_output else rows.errors(y, x, slope)
    rows.store_row(Y, j * TILE, 8, d)
    total = v.add(v.add(d[0], d[1]), v.add(d[2], d[3]))
    v.store(sums, 8 * j, v.add(v.load(sums, 8 * j), total))
    if with_loss:
        for k in range(4):
            r = v.where_positive(y[k], y[k]) if job.relu_output else y[k]
            error = v.sub(r, x[k])
            loss = v.fma(v.mul(v.splat(importance[j]), error), error, loss)
    return loss


@numba.njit
def outer(products, n, m, sums, start):
    """sums[start + i, k] += A[i] B[k], lane by lane, for each pair A [n, 32], B [m, 32] of `products`.

    It computes as many sums at a time as fit into registers.
    """
    one = products[0][0][0]
    for k in range(0, m - 3, 4):
        _strip(products, (one, one), (one, one, one, one), k, n, m, sums, start)
    if m % 4 >= 2:
        _strip(products, (one, one, one, one), (one, one), m // 4 * 4, n, m, sums, start)
    if m % 2 == 1:
        _strip(products, (one, one, one, one), (one,), m - 1, n, m, sums, start)


@numba.njit
def _strip(products, some, columns, k, n, m, sums, start):
    """Compute the sums of a few k; the length of `some` says for how many i at a time."""
    for i in range(0, n - len(some) + 1, len(some)):
        _block(products, some, columns, i, k, m, sums, start)
    for i in range(n // len(some) * len(some), n):
        _block(products, some[:1], columns, i, k, m, sums, start)


@numba.njit(forceinline=True)
def _block(products, some, columns, i, k, m, sums, start):
    at = start + (i * m + k) * 8
    grid = rows.load_grid(sums, at, 8 * m, 8, some, columns)
    for A, B in products:
        for s in range(0, TILE, 8):
            a = rows.load_row(A, i * TILE + s, TILE, some)
            grid = rows.plus_outer(grid, a, rows.load_row(B, k * TILE + s, TILE, columns))
    rows.store_grid(sums, at, 8 * m, 8, some, grid)


@numba.njit
def finish(job, P, scale, importance, sums, empty, G):
    """G [parameter]: the lanes of `sums`, and `empty` samples with x = 0; returns the loss sum.

    An empty sample has h = 0 and y = act_out(b): delta = 2 I / batch b act_out' acts on b alone.
    """
    at = (1 if job.tied else 2) * job.n_features * job.n_hidden
    for i in range(at):
        G[i] = v.lane_sum(v.load(sums, 8 * i))
    of_b = v.shift(P, at), v.shift(sums, 8 * at), v.shift(G, at)
    return finish_bias(job, of_b[0], scale, importance, of_b[1], empty, of_b[2])


@numba.njit
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


@numba.njit
def sums_size(job):
    """How many numbers `sums` needs."""
    n, m, matrices = job.n_features, job.n_hidden, 1 if job.tied else 2
    return (matrices * n * m + n + 1) * 8
