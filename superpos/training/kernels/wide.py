"""The gradient of wide tied models with equal importance; it skips entries that are 0 or in closed form.

Let h~ = (h, 1) and W~_j = (W_j, b_j), so that y_j = W~_j h~, and let c = 2 I / batch. The gradient of
the loss is

    g_j = c (y_j - x_j) [y_j > 0],   eta = sum_j g_j W_j,
    dW~_j = sum over samples of g_j h~ + x_j eta                      (eta has 0 at the place of b).

For most features of a wide model, y_j has the same sign in most samples. A feature that was on the
positive side in most samples of the batch before belongs to L ("steady"). For j in L write g_j = c
(y_j - x_j) + delta_j, for the others g_j = delta_j: either way delta_j is 0 in most samples,

    delta_j = c (y_j - x_j)  if j is not in L and y_j > 0;   -c (y_j - x_j)  if j is in L and y_j <= 0.

The part of the gradient that comes from L is linear, so its sums over features or samples are
matrices that are computed once:

    eta = M~ h~ - c h_L + sum_j delta_j W_j,   M~ = c sum_{j in L} W_j W~_j^T,   h_L = sum_{i in L} x_i W_i
    dW~_j = sum over samples of delta_j h~ + x_j eta                                 if j is not in L
    dW~_j = sum over samples of delta_j h~ + x_j (eta - c h~)  +  c H2~ W~_j         if j is in L
    H2~ = sum over samples of h~ h~^T

because sum_s c (y_j - x_j) h~ = c (sum_s h~ h~^T) W~_j - c sum_s x_j h~. This is exact whichever
features L holds; L affects only the cost. Only one product with W is dense, the one for y; the others
visit the non-zero entries x_i and delta_j by bit masks.

A tile has 32 samples. Every sum runs over tiles in order, then over the set bits of a mask from the
lowest up, so its order depends on the samples and on L, and on nothing else.
"""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.training.kernels import rows
from superpos.training.kernels.masks import (
    WORD,
    add_one,
    add_two,
    by_hidden,
    by_sample,
    join,
    words_of,
)
from superpos.training.kernels.philox_lanes import TILE
from superpos.training.kernels.wide_scratch import HALF, ONE, ROW, is_steady, wide_of


@part
def prepare(job, P, c, z):
    """Update L, make W~ (Q) and M~ (M), and clear the sums."""
    n, m, wide, zero = job.n_features, job.n_hidden, wide_of(job), v.splat(P[0] - P[0])
    for j in range(n):
        # In most samples of the previous batch delta_j was not 0. Moving j into or out of L makes
        # it 0 there.
        if 2 * np.int64(z.flips[j]) > job.batch:
            z.steady[j // WORD] ^= ONE << np.uint64(j % WORD)
        z.flips[j] = np.uint64(0)
        for k in range(m):
            z.Q[j * wide + k] = P[j * m + k]
        z.Q[j * wide + m] = P[n * m + j]
    for i in range(0, (n + 1) * wide, 8):
        v.store(z.dW, i, zero)
    for i in range(0, wide * wide, 8):
        v.store(z.M, i, zero)
        v.store(z.H2, i, zero)
    v.store(z.loss, 0, zero)
    for q in range(words_of(job)):
        add_squares(z.Q, z.steady[q], WORD * q, m + 1, wide, z.M)
    slope = v.splat(c)
    for i in range(0, wide * wide, 8):
        v.store(z.M, i, v.mul(slope, v.load(z.M, i)))


@part
def add_squares(A, bits, first, count, wide, out):
    """out [count, wide] += sum of A_r A_r^T over the rows r = first + bit of A [row, wide]."""
    block = v.shift(A, first * wide)
    for at in range(0, wide, 32):
        for k in range(count):
            a = rows.load_row(out, k * wide + at, rows.FOUR)
            a = add_one(a, bits, v.shift(block, k), wide, v.shift(block, at), wide)
            rows.store_row(out, k * wide + at, a)


@part
def tile(job, c, samples, importance, z, with_loss):
    """Add a tile's part to the sums; A and `on` hold x, `samples` is the mask of its samples."""
    m, wide, words = job.n_hidden, wide_of(job), words_of(job)
    by_sample(job, z.on, z.turned, z.others_of)
    for s in range(TILE):
        for q in range(words):
            z.steady_of[s * words + q] = z.others_of[s * words + q] & z.steady[q]
            z.others_of[s * words + q] &= ~z.steady[q]
    zero = z.Q[0] - z.Q[0]
    for i in range(0, TILE * wide, 8):
        v.store(z.L, i, v.splat(zero))
    # h~ = h_L + the features that are not in L. h_L is also needed by itself, so it is summed first.
    _gather(job, z.A, z.steady_of, z.Q, z.L)
    for i in range(0, TILE * wide, 8):
        v.store(z.H, i, v.load(z.L, i))
    _gather(job, z.A, z.others_of, z.Q, z.H)
    # h~ ends in 1; it is 0 for a lane that is no sample, which then adds nothing to any sum.
    for s in range(TILE):
        z.H[s * wide + m] = type(zero)((samples >> np.uint64(s)) & ONE)
    by_hidden(z.H, m + 1, wide, z.T)
    _outputs(job, c, samples, importance, z, with_loss)
    by_sample(job, z.bent, z.turned, z.bent_of)
    _begin_eta(job, c, z)
    _gather(job, v.shift(z.A, TILE), z.bent_of, z.Q, z.E)
    _finish_eta(job, c, z)
    add_squares(z.H, samples, 0, m + 1, wide, z.H2)
    _spread(job, z)


@part
def _gather(job, A, masks, W, out):
    """out_s += sum_i A_is W~_i over the features in masks_s.

    The outer loop goes over words of 64 features, so the rows of W~ of one word stay in cache for
    all samples.
    """
    wide, words = wide_of(job), words_of(job)
    for at in range(0, wide, 32):
        for q in range(words):
            here = v.shift(W, WORD * q * wide + at)
            for s in range(0, TILE, 2):
                to = s * wide + at
                a, b = rows.load_row(out, to, rows.FOUR), rows.load_row(out, to + wide, rows.FOUR)
                left, right = masks[s * words + q], masks[(s + 1) * words + q]
                of_word = v.shift(A, WORD * q * ROW + s)
                next_s = v.shift(of_word, 1)
                a, b = add_two(a, b, left, right, of_word, next_s, ROW, here, here, wide)
                rows.store_row(out, to, a)
                rows.store_row(out, to + wide, b)


@part
def _outputs(job, c, samples, importance, z, with_loss):
    """y = W~ h~ and its deltas; a few features at a time share the loads of h~."""
    loss, n, at_once = v.load(z.loss, 0), job.n_features, len(rows.AT_ONCE)
    whole = n // at_once * at_once
    for j in range(0, whole, at_once):
        loss = _some_outputs(job, c, j, rows.AT_ONCE, samples, importance, loss, z, with_loss)
    for j in range(whole, n):
        loss = _some_outputs(job, c, j, rows.ONE, samples, importance, loss, z, with_loss)
    v.store(z.loss, 0, loss)


@part(forceinline=True)
def _some_outputs(job, c, first, some, samples, importance, loss, z, with_loss):
    """The outputs of a few features, from `first` on; returns the loss."""
    m, wide = job.n_hidden, wide_of(job)
    total = rows.zero_grid(z.T, some, rows.TWO)
    for k in range(m + 1):
        weights = rows.splat_grid(z.Q, first * wide + k, wide, some, rows.ONE)
        total = rows.plus_outer(
            total, weights, rows.load_grid(z.T, k * TILE, 0, 16, rows.ONE, rows.TWO)
        )
    for r in range(len(some)):
        y = total[2 * r], total[2 * r + 1]
        loss = _deltas(c, first + r, samples, y, importance, loss, z, with_loss)
    return loss


@part(forceinline=True)
def _deltas(c, j, samples, y, importance, loss, z, with_loss):
    """Store c (y_j - x_j), negated if j is in L, and the mask of the samples in which this is delta_j.

    In other samples delta_j is 0, and the stored number is never read. Returns the loss.
    """
    steady = is_steady(z, j)
    x = rows.load_grid(z.A, j * ROW, 0, 16, rows.ONE, rows.TWO)
    slope = v.splat_wide(-c if steady else c)
    rows.store_grid(z.A, j * ROW + TILE, 0, 16, rows.ONE, rows.errors(y, x, (slope, slope)))
    bits = join(v.positive_bits(y[0]), v.positive_bits(y[1]))
    bits = ~bits & samples if steady else bits
    z.bent[j] = bits
    z.flips[j] += np.uint64(v.count_bits(bits))
    if with_loss:
        square = rows.splat_grid(importance, 0, 0, rows.ONE, rows.TWO)
        loss = rows.plus_squares(loss, square, rows.positive_part(y), x)
    return loss


@part
def _begin_eta(job, c, z):
    """E_s = M~ h~ - c h_L: eta without the deltas."""
    m, wide = job.n_hidden, wide_of(job)
    for at in range(0, wide, 32):
        for s in range(TILE):
            o = s * wide + at
            a = rows.times_row(-c, rows.load_row(z.L, o, rows.FOUR))
            for k in range(m + 1):
                a = rows.plus_row(a, z.H[s * wide + k], z.M, k * wide + at)
            rows.store_row(z.E, o, a)


@part
def _finish_eta(job, c, z):
    """Put 0 at the place of b in E, make V = E - c h~, and append h~ to both.

    With h~ appended, `_spread` adds x_j eta and delta_j h~ in a single loop over 64 bits.
    """
    m, wide, minus = job.n_hidden, wide_of(job), v.splat_wide(-c)
    for s in range(TILE):
        z.E[s * wide + m] = 0
    for o in range(0, TILE * wide, 16):
        h = v.load_wide(z.H, o)
        v.store(z.V, o, v.fma(minus, h, v.load_wide(z.E, o)))
        v.store(z.E, TILE * wide + o, h)
        v.store(z.V, TILE * wide + o, h)


@part
def _spread(job, z):
    """dW~_j += sum_s x_js E_s + delta_js h~_s, with V_s instead of E_s if j is in L."""
    wide = wide_of(job)
    for j in range(0, job.n_features, 2):
        # An odd number of features is followed by a row of zeros.
        left, right = z.on[j] | z.bent[j] << HALF, z.on[j + 1] | z.bent[j + 1] << HALF
        eta, next_eta = z.V if is_steady(z, j) else z.E, z.V if is_steady(z, j + 1) else z.E
        mine, next_j = v.shift(z.A, j * ROW), v.shift(z.A, (j + 1) * ROW)
        for at in range(0, wide, 32):
            to = j * wide + at
            a, b = rows.load_row(z.dW, to, rows.FOUR), rows.load_row(z.dW, to + wide, rows.FOUR)
            here, there = v.shift(eta, at), v.shift(next_eta, at)
            a, b = add_two(a, b, left, right, mine, next_j, 1, here, there, wide)
            rows.store_row(z.dW, to, a)
            rows.store_row(z.dW, to + wide, b)


@part
def finish(job, c, z, G):
    """Write the gradient G [parameter] from the sums of all tiles; returns the loss sum."""
    n, m, wide = job.n_features, job.n_hidden, wide_of(job)
    for j in range(n):
        # The linear part of L over the whole batch at once: c H2~ W~_j.
        if is_steady(z, j):
            for at in range(0, wide, 32):
                o = j * wide + at
                a = rows.load_row(z.dW, o, rows.FOUR)
                for k in range(m + 1):
                    a = rows.plus_row(a, c * z.Q[j * wide + k], z.H2, k * wide + at)
                rows.store_row(z.dW, o, a)
        for k in range(m):
            G[j * m + k] = z.dW[j * wide + k]
        G[n * m + j] = z.dW[j * wide + m]
    return v.lane_sum(v.load(z.loss, 0))
