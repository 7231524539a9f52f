"""Wide tied models with equal importance: only what is not 0, or not linear, is gone through.

With h~ = (h, 1) and W~_j = (W_j, b_j), y_j = W~_j h~. For most features of a wide model y_j has one
sign on most samples. With the one importance, c = 2 I / batch, the features L ("steady") that had
y_j > 0 on most samples of the batch before act through sums over features or over samples, and what
ReLU does is put right where y_j <= 0:

    delta_j = c (y_j - x_j) where y_j > 0, j not in L; -c (y_j - x_j) where y_j <= 0, j in L; else 0
    eta = M~ h~ - c h_L + sum_j delta_j W_j,   M~ = c sum_L W_j W~_j^T,   h_L = sum_L x_i W_i
    dW~_j = sum_samples delta_j h~ + x_j eta                                          j not in L
    dW~_j = sum_samples delta_j h~ + x_j (eta - c h~) + c H2~ W~_j                        j in L
    H2~ = sum_samples h~ h~^T

where eta has 0 at b's place. The gradient is exact, whichever features L holds. One product with W
is dense, y; the others visit the entries x_i and delta_j that are not 0, by bit masks.

A tile has 32 samples. Rows [.., wide] hold hidden units, then 1 or b, then zeros: `wide` is a
multiple of 32. A mask holds the samples of a feature as bits, or the features of a sample.
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.philox import BATCH
from superpos.training.kernels import dense
from superpos.training.kernels.draw import words32
from superpos.training.kernels.fill import TILE, gated
from superpos.training.kernels.masks import WORD, by_sample, join, words_of

ROW = 2 * TILE
"""Numbers in a row of A."""
GATE_STREAM, LOW_STREAM = 10, 11
"""Streams of the bytes and of the words below them; `skips` has 8 and 9."""
FEW = 0.3
"""Density below which a draw begins with a byte an entry, and only what may be on gets a word."""
_ONE, _HALF = np.uint64(1), np.uint64(32)


class Scratch(NamedTuple):
    """Work space of a step, as pointers.

    Masks of where x_i and delta_j are not 0: on, bent [feature], of samples; steady_of, others_of,
    bent_of [32, word], of features: x_i with i in L, other x_i, delta_j; turned [32]: scratch;
    steady [word]: the features in L; flips [feature]: samples of the batch with delta_j != 0;
    bytes [feature, 8] and low [feature x 32]: words of a draw of few entries.
    Floats: Q [feature, wide]: W~; A [feature, 64]: x of 32 samples, then delta; H, L, E, V [32,
    wide]: h~, h_L, eta, eta - c h~, with h~ once more after each of E and V; T [hidden + 1, 32]:
    h~ transposed; M [wide, wide]; loss [8]; dW [feature, wide] and H2 [wide, wide]: the sums.
    """

    on: Any
    bent: Any
    steady_of: Any
    others_of: Any
    bent_of: Any
    turned: Any
    steady: Any
    flips: Any
    bytes: Any
    low: Any
    Q: Any
    A: Any
    H: Any
    L: Any
    E: Any
    V: Any
    T: Any
    M: Any
    loss: Any
    dW: Any
    H2: Any


@numba.njit
def wide_of(job):
    """Hidden units and 1, rounded up to whole groups of four vectors."""
    return (job.n_hidden + 32) // 32 * 32


@numba.njit
def mask_sizes(job):
    """Numbers that each array of masks needs, and `flips`."""
    words = words_of(job)
    by_feature, of_samples = WORD * words, TILE * words
    return by_feature, by_feature, of_samples, of_samples, of_samples, TILE, words, by_feature


@numba.njit
def carried_size(job):
    """Numbers at the end of the masks that a step leaves to the next: `steady` and `flips`."""
    return words_of(job) * (1 + WORD)


@numba.njit
def word_sizes(job):
    """Numbers that `bytes` and `low` need."""
    return 8 * job.n_features + 32, TILE * job.n_features + 32


@numba.njit
def sizes(job):
    """Numbers that each float array of Scratch needs."""
    n, wide = job.n_features + 1, wide_of(job)
    rows = TILE * wide
    return (
        n * wide, n * ROW, rows, rows, 2 * rows, 2 * rows, rows, wide * wide, 8, n * wide,
        wide * wide,
    )  # fmt: skip


@numba.njit(forceinline=True)
def is_steady(z, j):
    """1 if feature j is in L, else 0."""
    return (z.steady[j // WORD] >> np.uint64(j % WORD)) & _ONE


@numba.njit
def prepare(job, P, c, z):
    """Let features into L or out, and make Q and M; clears the sums."""
    n, m, wide, zero = job.n_features, job.n_hidden, wide_of(job), v.splat(P[0] - P[0])
    for j in range(n):
        if 2 * np.int64(z.flips[j]) > job.batch:
            z.steady[j // WORD] ^= _ONE << np.uint64(j % WORD)
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


@numba.njit(forceinline=True)
def _plus(a, x, B, at):
    """a + x B[at : at + 32], of four vectors."""
    u = v.splat(x)
    b0, b1, b2, b3 = dense.four(B, at)
    return v.fma(u, b0, a[0]), v.fma(u, b1, a[1]), v.fma(u, b2, a[2]), v.fma(u, b3, a[3])


@numba.njit
def add_squares(A, bits, first, count, wide, out):
    """out [count, wide] += sum of A_r A_r^T over the rows r = first + bit of A [row, wide]."""
    for at in range(0, wide, 32):
        for k in range(count):
            a = dense.four(out, k * wide + at)
            left = bits
            while left != 0:
                r = (first + v.lowest(left)) * wide
                left &= left - _ONE
                a = _plus(a, A[r + k], A, r + at)
            dense.store(out, k * wide + at, *a)


@numba.njit
def few(job, gates):
    """Whether every feature is on so seldom that entries are drawn by bytes."""
    highest = gates.limit[0]
    for i in range(job.n_features):
        highest = max(highest, gates.limit[i])
    return highest <= FEW * 2.0**32


@numba.njit
def draw(job, gates, by_bytes, keys, step, first, z):
    """Draw the samples first to first + 8 of each quarter of the batch into A, with the masks of
    what is not 0; returns the mask of the samples that there are."""
    if by_bytes:
        _draw_few(job, gates, keys, step, first // 8, z)
    else:
        _draw_all(job, gates, keys, step, first, z)
    samples = inside(job.batch // 4 - first)
    for s in range(TILE):
        if not (samples >> np.uint64(s)) & _ONE:
            for i in range(job.n_features):
                z.A[i * ROW + s] = 0
                z.on[i] &= samples
    return samples


@numba.njit
def _draw_all(job, gates, keys, step, first, z):
    """A word an entry: those of `fill.tile`."""
    n = job.n_features
    for i in range(n):
        w0, w1, w2, w3 = words32(keys, BATCH, step, 0, first * n + i, n)
        limit, scale, o = v.splat(gates.limit[i]), v.splat(gates.scale[i]), i * ROW
        on0, on1, on2, on3 = (
            v.at_most(w0, limit), v.at_most(w1, limit), v.at_most(w2, limit), v.at_most(w3, limit)
        )  # fmt: skip
        v.store(z.A, o, gated(on0, w0, scale, job.signed))
        v.store(z.A, o + 8, gated(on1, w1, scale, job.signed))
        v.store(z.A, o + 16, gated(on2, w2, scale, job.signed))
        v.store(z.A, o + 24, gated(on3, w3, scale, job.signed))
        z.on[i] = join(v.mask_bits(on0), v.mask_bits(on1), v.mask_bits(on2), v.mask_bits(on3))


@numba.njit
def _draw_few(job, gates, keys, step, tile, z):
    """A byte an entry, the highest of its word; the rest of the word where the entry may be on."""
    n, blocks = job.n_features, (job.n_features + 3) // 4
    found = 0
    for q in range(blocks):
        w0, w1, w2, w3 = words32(keys, BATCH, step, GATE_STREAM, 8 * (tile * blocks + q), 1)
        found += _may_be_on(gates, n, 4 * q, w0, z)
        found += _may_be_on(gates, n, 4 * q + 1, w1, z)
        found += _may_be_on(gates, n, 4 * q + 2, w2, z)
        found += _may_be_on(gates, n, 4 * q + 3, w3, z)
    for k in range(0, found, 32):
        w0, w1, w2, w3 = words32(keys, BATCH, step, LOW_STREAM, 8 * tile * n + k // 4, 1)
        dense.store(z.low, k, w0, w1, w2, w3)
    k, zero = 0, v.splat(z.A[0] - z.A[0])
    for i in range(n):
        left, o = z.on[i], i * ROW
        dense.store(z.A, o, zero, zero, zero, zero)
        limit, scale = np.int64(gates.limit[i]), gates.scale[i]
        while left != 0:
            s = v.lowest(left)
            left &= left - _ONE
            high = (np.int64(z.bytes[8 * i + s // 4]) >> (8 * (s % 4))) & 255
            word = high << 24 | np.int64(z.low[k]) >> 8
            k += 1
            if word <= limit:
                u = np.float32(word >> 1) * scale
                z.A[o + s] = (u + u) - np.float32(1) if job.signed else u
            else:
                z.on[i] ^= _ONE << np.uint64(s)


@numba.njit(forceinline=True)
def _may_be_on(gates, n, i, w, z):
    """Mark the samples whose byte does not exceed that of feature i's limit; returns how many."""
    if i >= n:
        return 0
    v.store(z.bytes, 8 * i, w)
    z.on[i] = v.bytes_at_most(w, gates.limit[i] >> np.uint32(24))
    return v.count_bits(z.on[i])


@numba.njit
def inside(samples):
    """The mask of a tile's lanes if each of its four vectors has that many samples, or eight."""
    byte = (_ONE << np.uint64(min(samples, 8))) - _ONE
    return join(byte, byte, byte, byte)


@numba.njit
def tile(job, c, samples, importance, z, with_loss):
    """Add the part of a tile, drawn into A and `on`, to the sums; samples: those it has."""
    m, wide, words = job.n_hidden, wide_of(job), words_of(job)
    by_sample(job, z.on, z.turned, z.others_of)
    for s in range(TILE):
        for q in range(words):
            z.steady_of[s * words + q] = z.others_of[s * words + q] & z.steady[q]
            z.others_of[s * words + q] &= ~z.steady[q]
    zero = z.Q[0] - z.Q[0]
    for i in range(0, TILE * wide, 8):
        v.store(z.L, i, v.splat(zero))
    _gather(job, z.A, z.steady_of, z.Q, z.L)
    for i in range(0, TILE * wide, 8):
        v.store(z.H, i, v.load(z.L, i))
    _gather(job, z.A, z.others_of, z.Q, z.H)
    for s in range(TILE):
        z.H[s * wide + m] = type(zero)((samples >> np.uint64(s)) & _ONE)
        for k in range(m + 1):
            z.T[k * TILE + s] = z.H[s * wide + k]
    _outputs(job, c, samples, importance, z, with_loss)
    by_sample(job, z.bent, z.turned, z.bent_of)
    _begin_eta(job, c, z)
    _gather(job, v.shift(z.A, TILE), z.bent_of, z.Q, z.E)
    _finish_eta(job, c, z)
    add_squares(z.H, samples, 0, m + 1, wide, z.H2)
    _spread(job, z)


@numba.njit
def _gather(job, A, masks, W, out):
    """out_s += sum_i A_is W~_i over the features of masks_s; a word of features at a time, whose
    rows of W~ then stay at hand."""
    wide, words = wide_of(job), words_of(job)
    for at in range(0, wide, 32):
        for q in range(words):
            for s in range(TILE):
                a = dense.four(out, s * wide + at)
                bits = masks[s * words + q]
                while bits != 0:
                    i = WORD * q + v.lowest(bits)
                    bits &= bits - _ONE
                    a = _plus(a, A[i * ROW + s], W, i * wide + at)
                dense.store(out, s * wide + at, *a)


@numba.njit
def _outputs(job, c, samples, importance, z, with_loss):
    """y = W~ h~, two features at a time, and their deltas."""
    m, wide = job.n_hidden, wide_of(job)
    zero, square = v.splat(z.Q[0] - z.Q[0]), v.splat(importance[0])
    loss = v.load(z.loss, 0)
    for j in range(0, job.n_features, 2):
        a0, a1, a2, a3 = zero, zero, zero, zero
        b0, b1, b2, b3 = zero, zero, zero, zero
        at = j * wide
        for k in range(0, (m + 1) * TILE, TILE):
            u, w = v.splat(z.Q[at]), v.splat(z.Q[at + wide])
            x0, x1, x2, x3 = dense.four(z.T, k)
            a0, a1, a2, a3 = v.fma(x0, u, a0), v.fma(x1, u, a1), v.fma(x2, u, a2), v.fma(x3, u, a3)
            b0, b1, b2, b3 = v.fma(x0, w, b0), v.fma(x1, w, b1), v.fma(x2, w, b2), v.fma(x3, w, b3)
            at += 1
        loss = _deltas(c, j, samples, a0, a1, a2, a3, square, loss, z, with_loss)
        loss = _deltas(c, j + 1, samples, b0, b1, b2, b3, square, loss, z, with_loss)
    v.store(z.loss, 0, loss)


@numba.njit(forceinline=True)
def _deltas(c, j, samples, y0, y1, y2, y3, square, loss, z, with_loss):
    """c (y_j - x_j), negated in L, and the mask of where it is delta_j; returns the loss."""
    steady, o = is_steady(z, j), j * ROW
    slope = v.splat(-c if steady else c)
    x0, x1, x2, x3 = dense.four(z.A, o)
    dense.store(
        z.A, o + TILE, v.mul(slope, v.sub(y0, x0)), v.mul(slope, v.sub(y1, x1)),
        v.mul(slope, v.sub(y2, x2)), v.mul(slope, v.sub(y3, x3)),
    )  # fmt: skip
    bits = join(v.positive_bits(y0), v.positive_bits(y1), v.positive_bits(y2), v.positive_bits(y3))
    bits = ~bits & samples if steady else bits
    z.bent[j] = bits
    z.flips[j] += np.uint64(v.count_bits(bits))
    if with_loss:
        loss = _add_error(y0, x0, square, loss)
        loss = _add_error(y1, x1, square, loss)
        loss = _add_error(y2, x2, square, loss)
        loss = _add_error(y3, x3, square, loss)
    return loss


@numba.njit(forceinline=True)
def _add_error(y, x, square, loss):
    error = v.sub(v.where_positive(y, y), x)
    return v.fma(v.mul(square, error), error, loss)


@numba.njit
def _begin_eta(job, c, z):
    """E_s = M~ h~ - c h_L."""
    m, wide, minus = job.n_hidden, wide_of(job), v.splat(-c)
    for at in range(0, wide, 32):
        for s in range(TILE):
            o = s * wide + at
            a = dense.four(z.L, o)
            a = v.mul(minus, a[0]), v.mul(minus, a[1]), v.mul(minus, a[2]), v.mul(minus, a[3])
            for k in range(m + 1):
                a = _plus(a, z.H[s * wide + k], z.M, k * wide + at)
            dense.store(z.E, o, *a)


@numba.njit
def _finish_eta(job, c, z):
    """0 at b's place of E, V = E - c h~, and h~ after both."""
    m, wide, minus = job.n_hidden, wide_of(job), v.splat(-c)
    for s in range(TILE):
        z.E[s * wide + m] = 0
    for o in range(0, TILE * wide, 8):
        h = v.load(z.H, o)
        v.store(z.V, o, v.fma(minus, h, v.load(z.E, o)))
        v.store(z.E, TILE * wide + o, h)
        v.store(z.V, TILE * wide + o, h)


@numba.njit
def _spread(job, z):
    """dW~_j += sum_s x_js E_s (V_s for j in L) + delta_js h~_s."""
    wide = wide_of(job)
    for j in range(job.n_features):
        eta = z.V if is_steady(z, j) else z.E
        for at in range(0, wide, 32):
            o = j * wide + at
            a = dense.four(z.dW, o)
            bits = z.on[j] | z.bent[j] << _HALF
            while bits != 0:
                s = v.lowest(bits)
                bits &= bits - _ONE
                a = _plus(a, z.A[j * ROW + s], eta, s * wide + at)
            dense.store(z.dW, o, *a)


@numba.njit
def finish(job, c, z, G):
    """G [parameter] from the sums of all tiles; returns the loss sum."""
    n, m, wide = job.n_features, job.n_hidden, wide_of(job)
    for j in range(n):
        if is_steady(z, j):
            for at in range(0, wide, 32):
                o = j * wide + at
                a = dense.four(z.dW, o)
                for k in range(m + 1):
                    a = _plus(a, c * z.Q[j * wide + k], z.H2, k * wide + at)
                dense.store(z.dW, o, *a)
        for k in range(m):
            G[j * m + k] = z.dW[j * wide + k]
        G[n * m + j] = z.dW[j * wide + m]
    return v.total(v.load(z.loss, 0))
