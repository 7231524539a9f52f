"""The gradient of dense tiles of 32 samples: every product of the model, samples in the lanes.

Layout: X, Y [feature, 32], H, E [hidden, 32]; W, W_out [feature, hidden]; a gradient is kept as
eight partial sums per entry (lane l sums the samples l, l + 8, l + 16, l + 24 of all tiles) until
the batch ends, so the order of every sum is fixed. All arrays are flat.
"""

import numba

from superpos.kernels import simd as v
from superpos.kernels.fill import TILE


@numba.njit
def tile(job, P, X, scale, importance, zeros, Y, H, E, sums, with_loss):
    """Add a tile's part of dL/dP to `sums` [parameter, 8]; its last 8 entries sum the loss.

    h = act_h(W^T x), y = act_out(W_out h + b), delta_i = 2 I_i / batch (y_i - t_i) act_out', eta =
    act_h' W_out^T delta; dW = x eta^T (+ delta h^T if tied), dW_out = delta h^T, db = delta.
    `scale` is 2 I / batch; `zeros` a tile of zeros; Y, H and E are scratch.
    """
    n, m = job.n_features, job.n_hidden
    out = 0 if job.tied else n * m
    at_b = out + n * m
    combine(X, P, 0, m, 1, n, m, zeros, H)
    if job.relu_hidden:
        for i in range(0, m * TILE, 8):
            v.store(H, i, v.where_positive(v.load(H, i), v.load(H, i)))
    combine(H, P, out, 1, m, m, n, zeros, Y)
    errors(job, n, X, Y, v.shift(P, at_b), scale, importance, v.shift(sums, 8 * at_b), with_loss)
    combine(Y, P, out, m, 1, n, m, zeros, E)
    if job.relu_hidden:
        for i in range(0, m * TILE, 8):
            v.store(E, i, v.where_positive(v.load(H, i), v.load(E, i)))
    outer(X, E, n, m, sums, 0)
    outer(Y, H, n, m, sums, 8 * out)


@numba.njit
def combine(A, P, start, stride_in, stride_out, count_in, count_out, base, out):
    """out[k] = base[k] + sum_i P[start + i stride_in + k stride_out] A[i]; two k at a time.

    A [count_in, 32], base and out [count_out, 32]; `base` may be `out`.
    """
    for k in range(0, count_out - 1, 2):
        o = k * TILE
        a0, a1, a2, a3 = four(base, o)
        b0, b1, b2, b3 = four(base, o + TILE)
        at = start + k * stride_out
        for i in range(0, count_in * TILE, TILE):
            u, w = v.splat(P[at]), v.splat(P[at + stride_out])
            x0, x1, x2, x3 = four(A, i)
            a0, a1, a2, a3 = v.fma(x0, u, a0), v.fma(x1, u, a1), v.fma(x2, u, a2), v.fma(x3, u, a3)
            b0, b1, b2, b3 = v.fma(x0, w, b0), v.fma(x1, w, b1), v.fma(x2, w, b2), v.fma(x3, w, b3)
            at += stride_in
        store(out, o, a0, a1, a2, a3)
        store(out, o + TILE, b0, b1, b2, b3)
    if count_out % 2 == 1:
        k = count_out - 1
        a0, a1, a2, a3 = four(base, k * TILE)
        at = start + k * stride_out
        for i in range(0, count_in * TILE, TILE):
            u = v.splat(P[at])
            x0, x1, x2, x3 = four(A, i)
            a0, a1, a2, a3 = v.fma(x0, u, a0), v.fma(x1, u, a1), v.fma(x2, u, a2), v.fma(x3, u, a3)
            at += stride_in
        store(out, k * TILE, a0, a1, a2, a3)


@numba.njit(forceinline=True)
def four(A, at):
    """The four vectors of a tile's row."""
    return v.load(A, at), v.load(A, at + 8), v.load(A, at + 16), v.load(A, at + 24)


@numba.njit(forceinline=True)
def store(out, at, a0, a1, a2, a3):
    v.store(out, at, a0)
    v.store(out, at + 8, a1)
    v.store(out, at + 16, a2)
    v.store(out, at + 24, a3)


@numba.njit
def errors(job, n, X, Y, b, scale, importance, sums, with_loss):
    """Y <- delta, from Y = W_out h, for n features.

    Adds sum delta to sums [n, 8], and sum I error^2 to the eight lanes after them.
    """
    zero = v.splat(X[0] - X[0])
    loss = zero
    for j in range(n):
        bias, slope = v.splat(b[j]), v.splat(scale[j])
        squares, deltas = zero, v.load(sums, 8 * j)
        for s in range(j * TILE, j * TILE + TILE, 8):
            y, t = v.add(v.load(Y, s), bias), v.load(X, s)
            if job.absolute_target:
                t = v.absolute(t)
            if job.relu_output:
                error = v.sub(v.where_positive(y, y), t)
                delta = v.where_positive(y, v.mul(slope, error))
            else:
                error = v.sub(y, t)
                delta = v.mul(slope, error)
            v.store(Y, s, delta)
            deltas = v.add(deltas, delta)
            if with_loss:
                squares = v.fma(error, error, squares)
        v.store(sums, 8 * j, deltas)
        if with_loss:
            loss = v.fma(v.splat(importance[j]), squares, loss)
    if with_loss:
        v.store(sums, 8 * n, v.add(v.load(sums, 8 * n), loss))


@numba.njit
def outer(A, B, n, m, sums, start):
    """sums[start + i, k] += A[i] B[k], lane by lane; four sums at a time: of one i, or of one k."""
    whole = m // 4 * 4
    for i in range(n):
        for k in range(0, whole, 4):
            o, p = start + (i * m + k) * 8, k * TILE
            c0, c1, c2, c3 = four(sums, o)
            for s in range(0, TILE, 8):
                a = v.load(A, i * TILE + s)
                c0 = v.fma(a, v.load(B, p + s), c0)
                c1 = v.fma(a, v.load(B, p + TILE + s), c1)
                c2 = v.fma(a, v.load(B, p + 2 * TILE + s), c2)
                c3 = v.fma(a, v.load(B, p + 3 * TILE + s), c3)
            store(sums, o, c0, c1, c2, c3)
    for k in range(whole, m):
        for i in range(0, n // 4 * 4, 4):
            o, q = start + (i * m + k) * 8, i * TILE
            c0, c1 = v.load(sums, o), v.load(sums, o + 8 * m)
            c2, c3 = v.load(sums, o + 16 * m), v.load(sums, o + 24 * m)
            for s in range(0, TILE, 8):
                b = v.load(B, k * TILE + s)
                c0 = v.fma(v.load(A, q + s), b, c0)
                c1 = v.fma(v.load(A, q + TILE + s), b, c1)
                c2 = v.fma(v.load(A, q + 2 * TILE + s), b, c2)
                c3 = v.fma(v.load(A, q + 3 * TILE + s), b, c3)
            v.store(sums, o, c0)
            v.store(sums, o + 8 * m, c1)
            v.store(sums, o + 16 * m, c2)
            v.store(sums, o + 24 * m, c3)
        for i in range(n // 4 * 4, n):
            o = start + (i * m + k) * 8
            c = v.load(sums, o)
            for s in range(0, TILE, 8):
                c = v.fma(v.load(A, i * TILE + s), v.load(B, k * TILE + s), c)
            v.store(sums, o, c)


@numba.njit
def finish(job, P, scale, importance, sums, empty, G):
    """G [parameter]: the lanes of `sums`, and `empty` samples with x = 0; returns the loss sum.

    An empty sample has h = 0 and y = act_out(b): delta = 2 I / batch b act_out' acts on b alone.
    """
    at = (1 if job.tied else 2) * job.n_features * job.n_hidden
    for i in range(at):
        G[i] = v.total(v.load(sums, 8 * i))
    of_b = v.shift(P, at), v.shift(sums, 8 * at), v.shift(G, at)
    return finish_bias(job, of_b[0], scale, importance, of_b[1], empty, of_b[2])


@numba.njit
def finish_bias(job, b, scale, importance, sums, empty, G):
    """G [feature], the gradient of b, and the loss sum, which stands after it in `sums`."""
    n = job.n_features
    loss = v.total(v.load(sums, 8 * n))
    for j in range(n):
        G[j] = v.total(v.load(sums, 8 * j))
        if b[j] > 0 or not job.relu_output:
            G[j] += empty * (scale[j] * b[j])
            loss += empty * (importance[j] * b[j] * b[j])
    return loss


@numba.njit
def sums_size(job):
    """How many numbers `sums` needs."""
    n, m, matrices = job.n_features, job.n_hidden, 1 if job.tied else 2
    return (matrices * n * m + n + 1) * 8
