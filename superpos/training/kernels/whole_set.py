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
from superpos.training.kernels import rows
from superpos.training.kernels.rows import ONE

TILE = 64
"""How many samples pass over all features together."""
LANES = 16
AT_ONCE = 4 if v.WIDE else 2
"""How many samples are computed at a time: as many as fit into registers."""


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
    [TILE, hidden, 16]: partial sums of eta; entry [TILE]: each group's first entry beyond the blocks passed.
    """

    root: Any
    W: Any
    G: Any
    X: Any
    H: Any
    E: Any
    entry: Any


@part
def wide_of(job):
    """n_features, rounded up to whole vectors."""
    return (job.n_features + LANES - 1) // LANES * LANES


@part
def block_of(job):
    """How many features a few samples pass over at a time: their rows of W and G stay in the fastest cache."""
    return LANES * max(8, min(32, 96 // (job.n_hidden + 1)))


@part
def sizes(job, shape):
    """How many numbers each array of Scratch needs."""
    wide, m = wide_of(job), job.n_hidden
    matrix = (m + 1) * wide
    return wide, matrix, matrix, len(shape[1]) * block_of(job), TILE * m, TILE * m * LANES


@part
def scratch(f, at, entry):
    """Lay out Scratch in the floats f, with each array at its start, and the integers `entry`."""
    return Scratch(
        v.shift(f, at[0]), v.shift(f, at[1]), v.shift(f, at[2]), v.shift(f, at[3]),
        v.shift(f, at[4]), v.shift(f, at[5]), entry,
    )  # fmt: skip


def shape_of(job, dtype: type = np.float32) -> tuple:  # type: ignore[no-untyped-def]
    """Tuples of zeros for the hidden units, the samples that are computed at a time, and their product.

    Their type is what a kernel is compiled for.
    """
    m = job.n_hidden
    zero = (np.dtype(dtype).type(0),)
    return zero * m, zero * AT_ONCE, zero * (AT_ONCE * m)


def arranged(start, feature, value):  # type: ignore[no-untyped-def]
    """The `Entries` of sparse samples: those of sample s are start[s] to start[s + 1] - 1."""
    samples = len(start) - 1
    sample = np.repeat(np.arange(samples), np.diff(start))
    whole = samples // AT_ONCE
    group = np.where(
        sample < whole * AT_ONCE, sample // AT_ONCE, sample - whole * (AT_ONCE - 1)
    )
    order = np.lexsort((sample, feature, group))
    count = np.bincount(group, minlength=whole + samples % AT_ONCE)
    row = (sample % TILE).astype(np.uint8)
    return Entries(np.r_[0, count.cumsum()], row[order], feature[order], value[order])


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
    n, block, (hidden, samples, cells) = job.n_features, block_of(job), shape
    at_once, loss = len(samples), 0.0
    group = begin // at_once
    whole, single = (end - begin) // at_once, (end - begin) % at_once
    groups = entries.start, group, group + whole + single
    _encode(hidden, job, P, entries, groups, end - begin, z)
    for first in range(0, n, block):
        last = min(first + block, n)
        for g in range(whole):
            loss = _block(hidden, samples, cells, job, entries, group, g, g * at_once, first, last, z, with_loss, loss)
        for g in range(whole, whole + single):
            place = whole * at_once + g - whole
            loss = _block(hidden, samples[:1], hidden, job, entries, group, g, place, first, last, z, with_loss, loss)
    _decode(hidden, job, entries, groups, end - begin, z, G)
    return loss


@part
def _encode(hidden, job, P, entries, groups, samples, z):
    """H <- h = W x of a tile's samples, and clear their sums."""
    start, begin, end = groups
    n, m, zero = job.n_features, len(hidden), P[0] - P[0]
    for g in range(begin, end):
        z.entry[g - begin] = start[g]
    for i in range(samples * m):
        z.H[i] = zero
        v.store(z.E, LANES * i, v.splat_wide(zero))
    for e in range(start[begin], start[end]):
        row, j = np.int64(entries.row[e]), np.int64(entries.feature[e])
        for k in range(m):
            z.H[row * m + k] += entries.value[e] * P[k * n + j]


@part
def _decode(hidden, job, entries, groups, samples, z, G):
    """Add x eta^T to the gradient of W."""
    start, begin, end = groups
    n, m = job.n_features, len(hidden)
    for i in range(samples * m):
        eights = v.halves(v.load_wide(z.E, LANES * i))
        z.H[i] = v.lane_sum(v.add(eights[0], eights[1]))
    for e in range(start[begin], start[end]):
        row, j = np.int64(entries.row[e]), np.int64(entries.feature[e])
        for k in range(m):
            G[k * n + j] += entries.value[e] * z.H[row * m + k]


@part
def _block(hidden, samples, cells, job, entries, group, g, place, first, last, z, with_loss, loss):
    """Add the outputs of group g of a tile, of the features from `first` to `last`, to the sums."""
    wide, block, m = wide_of(job), block_of(job), len(hidden)
    entry, end = z.entry[g], entries.start[group + g + 1]
    z.entry[g] = _put(entries, entry, end, last, z.root, v.shift(z.X, -place * block - first), block)
    h = rows.splat_grid(z.H, place * m, 1, cells, ONE)
    eta = rows.load_grid(z.E, LANES * place * m, LANES * m, LANES, samples, hidden)
    for j in range(first, last, LANES):
        W = rows.load_grid(z.W, j, wide, 0, hidden, ONE)
        y = rows.plus_expanded(rows.load_grid(z.W, m * wide + j, 0, 0, samples, ONE), h, W)
        delta = rows.gaps(y, rows.load_grid(z.X, j - first, block, 0, samples, ONE))
        dW = rows.plus_contracted(rows.load_grid(z.G, j, wide, 0, hidden, ONE), h, delta)
        rows.store_grid(z.G, j, wide, 0, hidden, dW)
        v.store(z.G, m * wide + j, rows.plus_all(v.load_wide(z.G, m * wide + j), delta))
        eta = rows.plus_outer(eta, delta, W)
    rows.store_grid(z.E, LANES * place * m, LANES * m, LANES, samples, eta)
    if with_loss:
        for r in range(len(samples)):
            loss += _loss(hidden, job, first, last, (place + r) * m, v.shift(z.X, r * block - first), z)
    _clear(entries, entry, z.entry[g], v.shift(z.X, -place * block - first), block)
    return loss


@part
def _loss(hidden, job, first, last, place, X, z):
    """The loss of one sample in a block of features. Its terms are squares, so it is accurate near 0 too."""
    wide, m = wide_of(job), len(hidden)
    one, total = (v.splat_wide(type(z.W[0])(1)),), v.splat(type(z.W[0])(0))
    h = rows.splat_grid(z.H, place, 1, hidden, ONE)
    for j in range(first, last, LANES):
        W = rows.load_grid(z.W, j, wide, 0, hidden, ONE)
        y = rows.plus_expanded(rows.load_grid(z.W, m * wide + j, 0, 0, ONE, ONE), h, W)
        x = rows.load_grid(X, j, 0, 0, ONE, ONE)
        total = rows.plus_squares(total, one, rows.positive_part(y), x)
    return np.float64(v.lane_sum(total))


@part(forceinline=True)
def _put(entries, entry, end, last, root, X, block):
    """X [row, feature] <- q x for the entries below the feature `last`; returns the first beyond it."""
    while entry < end and np.int64(entries.feature[entry]) < last:
        j = np.int64(entries.feature[entry])
        X[np.int64(entries.row[entry]) * block + j] = root[j] * entries.value[entry]
        entry += 1
    return entry


@part(forceinline=True)
def _clear(entries, entry, end, X, block):
    """Put 0 back where `_put` wrote."""
    for e in range(entry, end):
        X[np.int64(entries.row[e]) * block + np.int64(entries.feature[e])] = 0
