"""Wide tied models with equal importance: outputs that are surely positive are summed in closed form.

Most features of a wide model are not represented: W_j is near 0 and b_j > 0, so that y_j = W_j h + b_j
is positive on every sample of a batch. Where that is certain, ReLU is the identity, and with the one
importance c = 2 I / batch those features ("surely positive", L) need no pass over samples by outputs:

    eta = M h + u - c h_L + sum_{j not in L} delta_j W_j,   M = c sum_L W_j W_j^T,   u = c sum_L b_j W_j
    dW_j = c (H2 W_j + b_j sum h) + sum_samples x_j (eta - c h),   H2 = sum_samples h h^T,   j in L

with h_L = sum_L x_i W_i, a part of h that is at hand. Certain means: W_j o + b_j > ||W_j|| R for a
centre o and radius R taken from the batch before; a tile with a sample farther than R from o goes
through the plain kernel, so the gradient is exact whatever o and R are.
Features are kept in the order L, then the others.
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from superpos.kernels import dense
from superpos.kernels import simd as v
from superpos.kernels.draw import words32
from superpos.kernels.fill import TILE, gated
from superpos.philox import BATCH

SLACK = 1.03
"""How much farther from the centre than the last batch's samples a sample may lie."""


class Scratch(NamedTuple):
    """Work space of a step, as pointers; `*_sums` have eight lanes an entry.

    order [feature]: the features in L, then the others; place: its inverse; Q: parameters in that
    order; X, D [feature, 32]; H, L, E, V [hidden, 32]; M [hidden, hidden]; u, centre, mean [hidden];
    sums as in `dense`; h_sums [hidden], H2_sums [hidden, hidden], x_sums [feature].
    """

    order: Any
    place: Any
    Q: Any
    X: Any
    D: Any
    H: Any
    L: Any
    E: Any
    V: Any
    zeros: Any
    M: Any
    u: Any
    centre: Any
    mean: Any
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
        m * wide + 8, wide, wide, wide,
        (n * m + n + 1) * 8, m * 8, m * m * 8, n * 8,
    )  # fmt: skip


@numba.njit
def prepare(job, P, c, radius, z):
    """Sort the features into L and the others, and make Q, M and u; returns how many are in L."""
    n, m = job.n_features, job.n_hidden
    surely, others = 0, n
    for j in range(n):
        norm2, offset = P[0] - P[0], P[n * m + j]
        for k in range(m):
            w = P[j * m + k]
            norm2 += w * w
            offset += w * z.centre[k]
        # A little more than certain, to cover the rounding of these sums.
        if radius >= 0 and offset > 0 and offset * offset > 1.0001 * norm2 * radius * radius:
            z.order[surely] = j
            surely += 1
        else:
            others -= 1
            z.order[others] = j
    for q in range(n):
        j = z.order[q]
        z.place[j] = q
        z.Q[n * m + q] = P[n * m + j]
        for k in range(m):
            z.Q[q * m + k] = P[j * m + k]
    _quadratic(job, c, surely, z)
    return surely


@numba.njit
def _quadratic(job, c, surely, z):
    """M = c sum_L W_j W_j^T and u = c sum_L b_j W_j; lanes beyond hidden hold what nobody reads."""
    n, m, wide = job.n_features, job.n_hidden, job.n_hidden + 8
    zero = v.splat(z.Q[0] - z.Q[0])
    slope = v.splat(c)
    for at in range(0, m, 8):
        for k in range(m + 1):
            a = zero
            for j in range(surely):
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
def tile(job, c, surely, radius, scale, importance, z, with_loss):
    """Add a tile's part of the gradient; returns the squared radius of its samples, and whether
    it went through the closed form."""
    n, m = job.n_features, job.n_hidden
    rest = n - surely
    if surely == 0 or with_loss:
        dense.tile(
            job, z.Q, z.X, scale, importance, z.zeros, z.D, z.H, z.E, z.sums, with_loss
        )
        return _spread(job, z), False
    dense.combine(z.X, z.Q, 0, m, 1, surely, m, z.zeros, z.L)
    tail = v.shift(z.X, surely * TILE)
    dense.combine(tail, z.Q, surely * m, m, 1, rest, m, z.L, z.H)
    spread = _spread(job, z)
    if spread > radius * radius:
        dense.tile(
            job, z.Q, z.X, scale, importance, z.zeros, z.D, z.H, z.E, z.sums, with_loss
        )
        return spread, False
    dense.combine(z.H, z.Q, surely * m, 1, m, m, rest, z.zeros, z.D)
    b = v.shift(z.Q, n * m + surely)
    b_sums = v.shift(z.sums, (n * m + surely) * 8)
    dense.errors(job, rest, tail, z.D, b, scale, importance, b_sums, False)
    _backward(job, c, surely, z)
    dense.outer(z.X, z.V, surely, m, z.sums, 0)
    dense.outer_pair(tail, z.E, z.D, z.H, rest, m, v.shift(z.sums, surely * m * 8))
    dense.outer(z.H, z.H, m, m, z.H2_sums, 0)
    _add_rows(z.X, surely, z.x_sums)
    _add_rows(z.H, m, z.h_sums)
    return spread, True


@numba.njit
def _backward(job, c, surely, z):
    """E = M h + u - c h_L + sum over the others of delta_j W_j, and V = E - c h."""
    n, m = job.n_features, job.n_hidden
    minus = v.splat(-c)
    for k in range(m):
        u = v.splat(z.u[k])
        for s in range(k * TILE, k * TILE + TILE, 8):
            v.store(z.E, s, v.fma(minus, v.load(z.L, s), u))
    dense.combine(z.H, z.M, 0, m + 8, 1, m, m, z.E, z.E)
    dense.combine(z.D, z.Q, surely * m, m, 1, n - surely, m, z.E, z.E)
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
def _spread(job, z):
    """The largest squared distance of a sample's h from the centre."""
    zero = v.splat(z.H[0] - z.H[0])
    a0, a1, a2, a3 = zero, zero, zero, zero
    for k in range(job.n_hidden):
        o = v.splat(z.centre[k])
        h0, h1, h2, h3 = dense.four(z.H, k * TILE)
        h0, h1, h2, h3 = v.sub(h0, o), v.sub(h1, o), v.sub(h2, o), v.sub(h3, o)
        a0, a1, a2, a3 = v.fma(h0, h0, a0), v.fma(h1, h1, a1), v.fma(h2, h2, a2), v.fma(h3, h3, a3)
    return v.largest(v.maximum(v.maximum(a0, a1), v.maximum(a2, a3)))


@numba.njit
def add_mean(job, z):
    """Add the tile's h to the sum that becomes the next centre."""
    for k in range(job.n_hidden):
        a0, a1, a2, a3 = dense.four(z.H, k * TILE)
        z.mean[k] += v.total(v.add(v.add(a0, a1), v.add(a2, a3)))


@numba.njit
def move(job, tiles, farthest, z):
    """Make the mean of h the new centre; returns the radius that held this batch about it, and slack."""
    moved = farthest - farthest
    for k in range(job.n_hidden):
        mean = z.mean[k] / np.float32(tiles * TILE)
        moved += (mean - z.centre[k]) * (mean - z.centre[k])
        z.centre[k] = mean
    return np.float32(SLACK) * (np.sqrt(farthest) + np.sqrt(moved))


@numba.njit
def finish(job, c, surely, closed, scale, importance, z, empty, G):
    """G [parameter] from all sums; `closed` counts the samples of the closed form. Returns the loss sum."""
    n, m = job.n_features, job.n_hidden
    _finish_surely(job, c, surely, closed, z)
    loss = dense.finish(job, z.Q, scale, importance, z.sums, empty, z.Q)
    for j in range(n):
        q = z.place[j]
        G[n * m + j] = z.Q[n * m + q]
        for k in range(m):
            G[j * m + k] = z.Q[q * m + k]
    return loss


@numba.njit
def _finish_surely(job, c, surely, closed, z):
    """Put c (H2 W_j + b_j sum h) and c (W_j sum h + b_j closed - sum x_j) into lane 0 of L's sums."""
    n, m = job.n_features, job.n_hidden
    for k in range(m * m):
        z.H2_sums[k] = v.total(v.load(z.H2_sums, 8 * k))
    for k in range(m):
        z.h_sums[k] = v.total(v.load(z.h_sums, 8 * k))
    for j in range(surely):
        b = z.Q[n * m + j]
        output = b * closed - v.total(v.load(z.x_sums, 8 * j))
        for k in range(m):
            total = b * z.h_sums[k]
            for l in range(m):
                total += z.H2_sums[k * m + l] * z.Q[j * m + l]
            z.sums[(j * m + k) * 8] += c * total
            output += z.Q[j * m + k] * z.h_sums[k]
        z.sums[(n * m + j) * 8] += c * output
