"""The gradient over a whole sparse training set, of tied models with a ReLU at the output.

There are few inputs, the active entries, but every sample has every output. So outputs are computed
for vectors of sixteen features of a few samples at a time, and only their sums reach memory. With q_i =
sqrt(I_i), W~ = q W and b~ = q b (ReLU(q y) = q ReLU(y)), let

    delta_i = ReLU(W~_i h + b~_i) - q_i x_i  where the output is positive, else 0;   eta = sum_i delta_i W~_i.

The loss of a sample is sum_i (ReLU(W~_i h + b~_i) - q_i x_i)^2, and the gradients are, with c = 2 / samples,

    dL/dW_i = c sum over samples of q_i delta_i h + x_i eta;   dL/db_i = c sum over samples of q_i delta_i.

Layout: all arrays by feature have the feature last, so that the lanes are features. The sums over
samples go sample by sample for each feature. The sum over features, eta, has sixteen partial sums:
lane l sums the features l, l + 16, and so on, in order. So no order depends on how many samples or
features are computed at a time.
"""

from typing import Any, NamedTuple

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.samples import Samples
from superpos.training.kernels import rows
from superpos.training.kernels.rows import ONE

TILE = 64
"""How many samples pass over all features together."""
LANES = 16
BLOCK = 512
"""How many features a few samples pass over at a time: their rows of W and G stay in a near cache."""


class Entries(NamedTuple):
    """The entries of x that are not 0, in groups of the samples that are computed at a time.

    start [group + 1]: group g has the entries start[g] to start[g + 1] - 1, in order of feature and then
    of sample. row [entry]: the sample, counted from the first of its tile.
    """

    start: Any
    row: Any
    feature: Any
    value: Any


class Scratch(NamedTuple):
    """The work space of a step, as pointers. `wide` is n_features, rounded up to whole vectors.

    root [wide]: q; W [hidden + 1, wide]: W~, and b~ in the last row; G: the sums of delta h, and of
    delta. X [sample, BLOCK]: q x of a few samples in a block of features; H [TILE, hidden]: h; E
    [TILE, hidden, 16]: partial sums of eta; loss [TILE, 8]: those of the loss; entry [TILE]: the
    first entry beyond the blocks passed, by the first row of a group.
    """

    root: Any
    W: Any
    G: Any
    X: Any
    H: Any
    E: Any
    loss: Any
    entry: Any


@part
def wide_of(job):
    """n_features, rounded up to whole vectors."""
    return (job.n_features + LANES - 1) // LANES * LANES


@part
def sizes(job, shape):
    """How many numbers each array of Scratch needs."""
    wide, m = wide_of(job), job.n_hidden
    matrix = (m + 1) * wide
    return wide, matrix, matrix, len(shape[1]) * BLOCK, TILE * m, TILE * m * LANES, TILE * 8


@part
def scratch(f, at, entry):
    """Lay out Scratch in the floats f, with each array at its start, and the integers `entry`."""
    return Scratch(
        v.shift(f, at[0]), v.shift(f, at[1]), v.shift(f, at[2]), v.shift(f, at[3]),
        v.shift(f, at[4]), v.shift(f, at[5]), v.shift(f, at[6]), entry,
    )  # fmt: skip


def at_once(job):  # type: ignore[no-untyped-def]
    """How many samples are computed at a time: as many as fit into registers."""
    if v.WIDE:
        return 4 if job.n_hidden <= 3 else 2
    return 2 if job.n_hidden <= 2 else 1


def shape_of(job, dtype: type = np.float32) -> tuple:  # type: ignore[no-untyped-def]
    """Tuples of zeros for the hidden units, the samples that are computed at a time, and their product.

    Their type is what a kernel is compiled for.
    """
    m = job.n_hidden
    zero = (np.dtype(dtype).type(0),)
    return zero * m, zero * at_once(job), zero * (at_once(job) * m)


def arranged(job, x: Samples) -> Entries:  # type: ignore[no-untyped-def]
    """The entries of sparse samples x; what is left of whole groups forms groups of one sample."""
    samples, some = len(x.start) - 1, at_once(job)
    sample, whole = np.repeat(np.arange(samples), np.diff(x.start)), samples // some
    group = np.where(sample < whole * some, sample // some, sample - whole * (some - 1))
    order = np.lexsort((sample, x.feature, group))
    count = np.bincount(group, minlength=whole + samples % some)
    row = (sample % TILE).astype(np.uint8)
    return Entries(np.r_[0, count.cumsum()], row[order], x.feature[order], x.value[order])


@part
def add_all(shape, job, P, entries, count, z, G, with_loss):
    """G [hidden + 1, feature] <- dL/dP over `count` samples; returns the sum of their losses.

    P and G have the feature last: [hidden, feature], then b.
    """
    _prepare(job, P, z, G)
    loss = 0.0
    for first in range(0, count, TILE):
        loss += _tile(shape, job, P, entries, first, min(count, first + TILE), z, G, with_loss)
    n, wide, c = job.n_features, wide_of(job), type(P[0])(2.0 / count)
    for k in range(job.n_hidden + 1):
        for j in range(n):
            G[k * n + j] = c * (G[k * n + j] + z.root[j] * z.G[k * wide + j])
    return loss


@part
def _prepare(job, P, z, G):
    """Write W~ and b~, and clear the sums."""
    n, wide = job.n_features, wide_of(job)
    for k in range(job.n_hidden + 1):
        for j in range(n):
            z.W[k * wide + j] = z.root[j] * P[k * n + j]
            z.G[k * wide + j] = 0
            G[k * n + j] = 0


@part
def _tile(shape, job, P, entries, begin, end, z, G, with_loss):
    """Add the samples from `begin` to `end` to the sums; returns their loss."""
    hidden, some, _ = shape
    alone, samples, group = (hidden, some[:1], hidden), end - begin, begin // len(some)
    whole = samples // len(some)
    first, last = entries.start[group], entries.start[group + whole + samples % len(some)]
    _encode(hidden, job, P, entries, first, last, samples, z)
    for at in range(0, job.n_features, BLOCK):
        for g in range(whole):
            _block(shape, job, entries, group + g, g * len(some), at, z, with_loss)
        for g in range(whole, whole + samples % len(some)):
            place = g + whole * (len(some) - 1)
            _block(alone, job, entries, group + g, place, at, z, with_loss)
    _decode(hidden, job, entries, first, last, samples, z, G)
    loss = 0.0
    for s in range(samples if with_loss else 0):
        loss += np.float64(v.lane_sum(v.load(z.loss, 8 * s)))
    return loss


@part
def _encode(hidden, job, P, entries, first, last, samples, z):
    """H <- h = W x of a tile's samples, and clear their sums."""
    n, m, zero = job.n_features, len(hidden), P[0] - P[0]
    for i in range(samples * m):
        z.H[i] = zero
        v.store(z.E, LANES * i, v.splat_wide(zero))
    for s in range(samples):
        v.store(z.loss, 8 * s, v.splat(zero))
    for e in range(first, last):
        row, j = np.int64(entries.row[e]), np.int64(entries.feature[e])
        for k in range(m):
            z.H[row * m + k] += entries.value[e] * P[k * n + j]


@part
def _decode(hidden, job, entries, first, last, samples, z, G):
    """Add x eta^T to the gradient of W; eta takes the place of h."""
    n, m = job.n_features, len(hidden)
    for i in range(samples * m):
        eights = v.halves(v.load_wide(z.E, LANES * i))
        z.H[i] = v.lane_sum(v.add(eights[0], eights[1]))
    for e in range(first, last):
        row, j = np.int64(entries.row[e]), np.int64(entries.feature[e])
        for k in range(m):
            G[k * n + j] += entries.value[e] * z.H[row * m + k]


@part
def _block(shape, job, entries, group, place, first, z, with_loss):
    """Add the outputs of a group, from the feature `first` on, to the sums; its first row is `place`."""
    hidden, some, cells = shape
    wide, m, last = wide_of(job), len(hidden), min(first + BLOCK, job.n_features)
    X = v.shift(z.X, -place * BLOCK - first)
    entry = entries.start[group] if first == 0 else z.entry[place]
    z.entry[place] = _put(entries, entry, entries.start[group + 1], last, z.root, X)
    h = rows.splat_grid(z.H, place * m, 1, cells, ONE)
    eta = rows.load_grid(z.E, LANES * place * m, LANES * m, LANES, some, hidden)
    for j in range(first, last, LANES):
        W = rows.load_grid(z.W, j, wide, 0, hidden, ONE)
        y = rows.plus_expanded(rows.load_grid(z.W, m * wide + j, 0, 0, some, ONE), h, W)
        delta = rows.gaps(y, rows.load_grid(z.X, j - first, BLOCK, 0, some, ONE))
        dW = rows.plus_contracted(rows.load_grid(z.G, j, wide, 0, hidden, ONE), h, delta)
        rows.store_grid(z.G, j, wide, 0, hidden, dW)
        v.store(z.G, m * wide + j, rows.plus_all(v.load_wide(z.G, m * wide + j), delta))
        eta = rows.plus_outer(eta, delta, W)
    rows.store_grid(z.E, LANES * place * m, LANES * m, LANES, some, eta)
    if with_loss:
        for s in range(place, place + len(some)):
            _add_loss(hidden, job, first, last, s, X, z)
    _clear(entries, entry, z.entry[place], X)


@part
def _add_loss(hidden, job, first, last, s, X, z):
    """Add the errors of sample s in a block of features to its loss: squares, so it is accurate near 0."""
    wide, m, total = wide_of(job), len(hidden), v.load(z.loss, 8 * s)
    one, h = (v.splat_wide(type(z.W[0])(1)),), rows.splat_grid(z.H, s * m, 1, hidden, ONE)
    for j in range(first, last, LANES):
        W = rows.load_grid(z.W, j, wide, 0, hidden, ONE)
        y = rows.plus_expanded(rows.load_grid(z.W, m * wide + j, 0, 0, ONE, ONE), h, W)
        x = rows.load_grid(X, s * BLOCK + j, 0, 0, ONE, ONE)
        total = rows.plus_squares(total, one, rows.positive_part(y), x)
    v.store(z.loss, 8 * s, total)


@part(forceinline=True)
def _put(entries, entry, end, last, root, X):
    """X [row, feature] <- q x for the entries below the feature `last`; returns the first beyond it."""
    while entry < end and np.int64(entries.feature[entry]) < last:
        j = np.int64(entries.feature[entry])
        X[np.int64(entries.row[entry]) * BLOCK + j] = root[j] * entries.value[entry]
        entry += 1
    return entry


@part(forceinline=True)
def _clear(entries, first, last, X):
    """Put 0 back where `_put` wrote."""
    for e in range(first, last):
        X[np.int64(entries.row[e]) * BLOCK + np.int64(entries.feature[e])] = 0
