"""Wide tied models with equal importance: outputs that are positive are summed in closed form.

Most features of a wide model are not represented: b_j > 0 and W_j is small, so y_j = W_j h + b_j is
positive on nearly every sample. There ReLU is the identity, and with the one importance,
c = 2 I / batch, such features ("steady", L) act through sums over features or over samples:

    eta = M h + u - c h_L + sum_{j not in L} delta_j W_j
    M = c sum_L W_j W_j^T,   u = c sum_L b_j W_j,   h_L = sum_L x_i W_i
    dW_j = c (H2 W_j + b_j sum h) + sum_samples x_j (eta - c h),   H2 = sum_samples h h^T,   j in L

h_L is a part of h that is at hand. This takes three products with W where the plain kernel takes
five. A tile in which y_j <= 0 somewhere has the correction delta'_j = -c (y_j - x_j) there, which
joins the deltas of the other features: the gradient is exact, whichever features L holds. It holds
those that needed the correction in less than half of the tiles of the batch before. Features are
kept in the order L, then the others.
"""

from typing import Any, NamedTuple

import numba

from superpos.kernels import dense
from superpos.kernels import simd as v
from superpos.kernels.draw import words32
from superpos.kernels.fill import TILE, gated
from superpos.philox import BATCH


class Scratch(NamedTuple):
    """Work space of a step, as pointers; `*_sums` have eight lanes an entry.

    order [feature]: the features in L, then the others; place: its inverse; faults: tiles of the
    last batch that needed a correction; bent: the features corrected in a tile, their number last.
    Q: parameters in that order; X, D [feature, 32]; H, L, E, V [hidden, 32]; bent_D [feature,
    32] and
    bent_W [feature, hidden]: corrections and their W_j; M [hidden, hidden]; u [hidden]; sums as in
    `dense`; h_sums [hidden], H2_sums [hidden, hidden], x_sums [feature].
    """

    order: Any
    place: Any
    faults: Any
    bent: Any
    Q: Any
    X: Any
    D: Any
    H: Any
    L: Any
    E: Any
    V: Any
    zeros: Any
    bent_D: Any
    bent_W: Any
    M: Any
    u: Any
    sums: Any
    h_sums: Any
    H2_sums: Any
    x_sums: Any


@numba.njit
def sizes(job):
    """Numbers that each float array of Scratch needs, from Q on."""
    n, m = job.n_features, job.n_hidden
    tile, wide = max(n, m) * TILE, m + 8
    return (
        n * m + n + 16, n * TILE, n * TILE, m * TILE, m * TILE, m * TILE, m * TILE, tile,
        n * TILE, n * m + 8, m * wide + 8, wide,
        (n * m + n + 1) * 8, m * 8, m * m * 8, n * 8,
    )  # fmt: skip


@numba.njit
def prepare(job, P, c, tiles, z):
    """Sort the features into L and the others, and make Q, M and u; returns how many are in L."""
    n, m = job.n_features, job.n_hidden
    steady, others = 0, n
    for j in range(n):
        if 2 * z.faults[j] < tiles:
            z.order[steady] = j
            steady += 1
        else:
            others -= 1
            z.order[others] = j
        z.faults[j] = 0
    for q in range(n):
        j = z.order[q]
        z.place[j] = q
        z.Q[n * m + q] = P[n * m + j]
        for k in range(m):
            z.Q[q * m + k] = P[j * m + k]
    quadratic(job, c, steady, z)
    return steady


@numba.njit
def quadratic(job, c, steady, z):
    """M = c sum_L W_j W_j^T and u = c sum_L b_j W_j; lanes beyond hidden hold what nobody reads."""
    n, m, wide = job.n_features, job.n_hidden, job.n_hidden + 8
    zero = v.splat(z.Q[0] - z.Q[0])
    slope = v.splat(c)
    for at in range(0, m, 8):
        for k in range(m + 1):
            a = zero
            for j in range(steady):
                w = z.Q[j * m + k] if k < m else z.Q[n * m + j]
                a = v.fma(v.splat(w), v.load(z.Q, j * m + at), a)
            if k < m:
                v.store(z.M, k * wide + at, v.mul(slope, a))
            else:
                v.store(z.u, at, v.mul(slope, a))


@numba.njit
def draw(job, gates, keys, step, first, z):
    """`fill.tile` for independent features all drawn, into the rows of X in the new order."""
    n = job.n_features
    for i in range(n):
        w0, w1, w2, w3 = words32(keys, BATCH, step, 0, first * n + i, n)
        o = z.place[i] * TILE
        limit, scale = v.splat(gates.limit[i]), v.splat(gates.scale[i])
        v.store(z.X, o, gated(v.at_most(w0, limit), w0, scale, job.signed))
        v.store(z.X, o + 8, gated(v.at_most(w1, limit), w1, scale, job.signed))
        v.store(z.X, o + 16, gated(v.at_most(w2, limit), w2, scale, job.signed))
        v.store(z.X, o + 24, gated(v.at_most(w3, limit), w3, scale, job.signed))


@numba.njit
def tile(job, c, steady, scale, importance, z, with_loss):
    """Add a tile's part of the gradient to the sums."""
    n, m = job.n_features, job.n_hidden
    rest = n - steady
    tail, deltas = v.shift(z.X, steady * TILE), v.shift(z.D, steady * TILE)
    b_sums = v.shift(z.sums, n * m * 8)
    dense.combine(z.X, z.Q, 0, m, 1, steady, m, z.zeros, z.L)
    dense.combine(tail, z.Q, steady * m, m, 1, rest, m, z.L, z.H)
    dense.combine(z.H, z.Q, 0, 1, m, m, n, z.zeros, z.D)
    dense.errors(
        job, rest, tail, deltas, v.shift(z.Q, n * m + steady), scale, importance,
        v.shift(b_sums, 8 * steady), with_loss,
    )  # fmt: skip
    corrections(job, c, steady, importance, b_sums, z, with_loss)
    _backward(job, c, steady, z)
    dense.outer(z.X, z.V, steady, m, z.sums, 0)
    dense.outer_pair(tail, z.E, deltas, z.H, rest, m, v.shift(z.sums, steady * m * 8))
    for k in range(z.bent[n]):
        dense.outer(v.shift(z.bent_D, k * TILE), z.H, 1, m, z.sums, z.bent[k] * m * 8)
    dense.outer(z.H, z.H, m, m, z.H2_sums, 0)
    _add_rows(z.X, steady, z.x_sums)
    _add_rows(z.H, m, z.h_sums)


@numba.njit
def corrections(job, c, steady, importance, b_sums, z, with_loss):
    """Find the features in L with y <= 0 somewhere in the tile; bent_D = -c (y - x) there."""
    n, m, bent = job.n_features, job.n_hidden, 0
    zero, minus, one = v.splat(z.X[0] - z.X[0]), v.splat(-c), v.splat(importance[0])
    loss = zero
    for j in range(steady):
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
            z.faults[z.order[j]] += 1
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
def _backward(job, c, steady, z):
    """E = M h + u - c h_L + sum over the others of delta_j W_j, and V = E - c h."""
    n, m = job.n_features, job.n_hidden
    minus = v.splat(-c)
    for k in range(m):
        u = v.splat(z.u[k])
        for s in range(k * TILE, k * TILE + TILE, 8):
            v.store(z.E, s, v.fma(minus, v.load(z.L, s), u))
    dense.combine(z.H, z.M, 0, m + 8, 1, m, m, z.E, z.E)
    dense.combine(v.shift(z.D, steady * TILE), z.Q, steady * m, m, 1, n - steady, m, z.E, z.E)
    dense.combine(z.bent_D, z.bent_W, 0, m, 1, z.bent[n], m, z.E, z.E)
    for s in range(0, m * TILE, 8):
        v.store(z.V, s, v.fma(minus, v.load(z.H, s), v.load(z.E, s)))


@numba.njit
def _add_rows(A, count, sums):
    """sums[i] += A[i], lane by lane."""
    for i in range(count):
        a0, a1, a2, a3 = dense.four(A, i * TILE)
        all_four = v.add(v.add(a0, a1), v.add(a2, a3))
        v.store(sums, 8 * i, v.add(v.load(sums, 8 * i), all_four))


@numba.njit
def finish(job, c, steady, tiles, scale, importance, z, empty, G):
    """G [parameter] from the sums of all tiles; returns the loss sum."""
    n, m = job.n_features, job.n_hidden
    # The corrections are done with, so their W_j give way to what L gets in closed form.
    closed = z.bent_W
    _finish_steady(job, c, steady, tiles * TILE, closed, z)
    loss = dense.finish(job, z.Q, scale, importance, z.sums, empty, z.Q)
    for j in range(n):
        q = z.place[j]
        G[n * m + j] = z.Q[n * m + q]
        if q < steady:
            for k in range(m):
                G[j * m + k] = z.Q[q * m + k] + closed[q * m + k]
        else:
            for k in range(m):
                G[j * m + k] = z.Q[q * m + k]
    return loss


@numba.njit
def _finish_steady(job, c, steady, samples, closed, z):
    """closed = c (H2 W_j + b_j sum h); the sums of b get c (W_j sum h + b_j samples - sum x_j)."""
    n, m, wide = job.n_features, job.n_hidden, job.n_hidden + 8
    for k in range(m):
        z.h_sums[k] = v.total(v.load(z.h_sums, 8 * k))
        for q in range(m):
            z.M[k * wide + q] = v.total(v.load(z.H2_sums, 8 * (k * m + q)))
    slope = v.splat(c)
    for j in range(steady):
        b = z.Q[n * m + j]
        output = b * type(b)(samples) - v.total(v.load(z.x_sums, 8 * j))
        for k in range(m):
            output += z.Q[j * m + k] * z.h_sums[k]
        z.sums[(n * m + j) * 8] += c * output
        # Ascending j: lanes beyond hidden spill into the next row, which is written after.
        for at in range(0, m, 8):
            a = v.mul(v.splat(b), v.load(z.h_sums, at))
            for q in range(m):
                a = v.fma(v.splat(z.Q[j * m + q]), v.load(z.M, q * wide + at), a)
            v.store(closed, j * m + at, v.mul(slope, a))
