"""The gradient over a whole sparse training set, of tied models with a ReLU at the output.

The inputs are sparse, but the outputs are dense. So outputs are computed for vectors of sixteen features
of a few samples at a time, and only their sums are written to memory. With q_i =
sqrt(I_i), W~ = q W and b~ = q b (ReLU(q y) = q ReLU(y)), let

    delta_i = ReLU(W~_i h + b~_i) - q_i x_i  where the output is positive, else 0;   eta = sum_i delta_i W~_i.

The loss of a sample is sum_i (ReLU(W~_i h + b~_i) - q_i x_i)^2, and the gradients are, with c = 2 / samples,

    dL/dW_i = c sum over samples of q_i delta_i h + x_i eta;   dL/db_i = c sum over samples of q_i delta_i.

Layout: in all arrays over features the feature is the last axis, so the lanes are features. The sums over
samples run in the order of samples for each feature. The sum over features, eta, has sixteen partial sums:
lane l sums the features l, l + 16, and so on, in order. So the order of summation does not depend
on how many samples or features are computed at a time.
"""

from typing import Any, NamedTuple

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.samples import Samples
from superpos.numerics.simd.vectors import WIDE_LANES
from superpos.training.kernels.whole_set_outputs import add_loss, add_outputs
from superpos.training.kernels.whole_set_scratch import (
    BLOCK,
    TILE,
    at_once,
    hidden_units,
    of_hidden,
    padded,
)


class GroupedEntries(NamedTuple):
    """The non-zero entries of x, in groups of the samples that are processed together.

    start [group + 1]: group g has the entries start[g] to start[g + 1] - 1, block by block of features.
    Entries of one sample are in order of feature, and those of one feature in order of sample, which
    fixes the order of all sums. row [entry]: the sample, counted from the first of its tile.
    """

    start: Any
    row: Any
    feature: Any
    value: Any


def arranged(job, x: Samples) -> GroupedEntries:  # type: ignore[no-untyped-def]
    """The entries of sparse samples x; samples that do not fill a group form groups of one sample."""
    samples, some = len(x.start) - 1, at_once(job)
    sample, whole = np.repeat(np.arange(samples), np.diff(x.start)), samples // some
    group = np.where(sample < whole * some, sample // some, sample - whole * (some - 1))
    order = np.lexsort((sample, x.feature, group))
    count = np.bincount(group, minlength=whole + samples % some)
    row = (sample % TILE).astype(np.uint8)
    return GroupedEntries(np.r_[0, count.cumsum()], row[order], x.feature[order], x.value[order])


@part
def add_all(shape, job, P, entries, count, z, G, with_loss):
    """G [hidden + 1, feature] <- dL/dP over `count` samples; returns the sum of their losses.

    P and G have the feature last: [hidden, feature], then b.
    """
    _prepare(shape, job, P, z, G)
    loss = 0.0
    for first in range(0, count, TILE):
        loss += _tile(shape, job, P, entries, first, min(count, first + TILE), z, G, with_loss)
    _finish(shape, job, type(P[0])(2.0 / count), z, G)
    return loss


@part
def _prepare(shape, job, P, z, G):
    """Write W~ and b~, and clear the sums."""
    n, m, (features, hidden) = job.n_features, hidden_units(job, shape), padded(job, shape)
    whole, zero = n // WIDE_LANES * WIDE_LANES, P[0] - P[0]
    for k in range(m + 1):
        row = k if k < m else hidden
        for j in range(0, whole, WIDE_LANES):
            W = v.mul(v.load_wide(z.root, j), v.load_wide(P, k * n + j))
            v.store(z.W, j * (hidden + 1) + WIDE_LANES * row, W)
        for j in range(whole, n):
            z.W[whole * (hidden + 1) + WIDE_LANES * row + j - whole] = z.root[j] * P[k * n + j]
    for i in range(0, features * (hidden + 1), WIDE_LANES):
        v.store(z.G, i, v.splat_wide(zero))
    for i in range(n * (m + 1)):
        G[i] = zero


@part
def _finish(shape, job, c, z, G):
    """G <- c (G + q the sums of delta h~), where G holds the sums of x eta."""
    n, m, hidden = job.n_features, hidden_units(job, shape), padded(job, shape)[1]
    whole = n // WIDE_LANES * WIDE_LANES
    for k in range(m + 1):
        row = k if k < m else hidden
        for j in range(0, whole, WIDE_LANES):
            dW = v.load_wide(z.G, j * (hidden + 1) + WIDE_LANES * row)
            total = v.add(v.load_wide(G, k * n + j), v.mul(v.load_wide(z.root, j), dW))
            v.store(G, k * n + j, v.mul(v.splat_wide(c), total))
        for j in range(whole, n):
            dW = z.G[whole * (hidden + 1) + WIDE_LANES * row + j - whole]
            G[k * n + j] = c * (G[k * n + j] + z.root[j] * dW)


@part
def _tile(shape, job, P, entries, begin, end, z, G, with_loss):
    """Add the samples from `begin` to `end` to the sums; returns their loss."""
    some, samples, group = len(shape[1]), end - begin, begin // len(shape[1])
    alone, whole = _alone(shape), samples // some
    first, last = entries.start[group], entries.start[group + whole + samples % some]
    _encode(shape, job, P, entries, first, last, samples, z)
    for at in range(0, job.n_features, BLOCK):
        for g in range(whole):
            _block(shape, job, entries, group + g, g * some, at, z, with_loss)
        for g in range(whole, whole + samples % some):
            _block(alone, job, entries, group + g, g + whole * (some - 1), at, z, with_loss)
    _decode(shape, job, entries, first, last, z, G)
    loss = 0.0
    for s in range(samples if with_loss else 0):
        loss += np.float64(v.lane_sum(v.load(z.loss, 8 * s)))
    return loss


@part
def _alone(shape):
    """The shape for processing one sample at a time."""
    return (shape[0], shape[1][:1], shape[0], *shape[3:])


@part
def _encode(shape, job, P, entries, first, last, samples, z):
    """H <- h = W x for the samples of a tile, and clear their sums."""
    n, m, strip, zero = job.n_features, hidden_units(job, shape), len(shape[0]), P[0] - P[0]
    hidden = padded(job, shape)[1]
    for i in range(TILE * hidden):
        z.H[i] = zero
        v.store(z.E, WIDE_LANES * i, v.splat_wide(zero))
    for s in range(samples):
        v.store(z.loss, 8 * s, v.splat(zero))
    for e in range(first, last):
        x, row, j = entries.value[e], np.int64(entries.row[e]), np.int64(entries.feature[e])
        for k in range(0, hidden, strip):
            H = v.shift(z.H, of_hidden(shape, k, row))
            for r in range(strip):
                if k + r < m:
                    H[r] += x * P[(k + r) * n + j]


@part
def _decode(shape, job, entries, first, last, z, G):
    """Write eta to H, and add x eta^T to the gradient of W."""
    n, m, strip = job.n_features, hidden_units(job, shape), len(shape[0])
    hidden = padded(job, shape)[1]
    for i in range(TILE * hidden):
        eights = v.halves(v.load_wide(z.E, WIDE_LANES * i))
        z.H[i] = v.lane_sum(v.add(eights[0], eights[1]))
    for e in range(first, last):
        x, row, j = entries.value[e], np.int64(entries.row[e]), np.int64(entries.feature[e])
        for k in range(0, hidden, strip):
            eta = v.shift(z.H, of_hidden(shape, k, row))
            for r in range(strip):
                if k + r < m:
                    G[(k + r) * n + j] += x * eta[r]


@part
def _block(shape, job, entries, group, place, first, z, with_loss):
    """Add a group's outputs for a block of features from `first` on to the sums; `place` is its first row."""
    last, X = min(first + BLOCK, job.n_features), v.shift(z.X, -place * BLOCK - first)
    entry = entries.start[group] if first == 0 else z.entry[place]
    z.entry[place] = _put(entries, entry, entries.start[group + 1], last, z.root, X)
    hidden = padded(job, shape)[1]
    add_outputs(shape, hidden, place, first, last, z)
    if with_loss:
        for s in range(place, place + len(shape[1])):
            add_loss(shape, hidden, first, last, s, X, z)
    _clear(entries, entry, z.entry[place], X)


@part(forceinline=True)
def _put(entries, entry, end, last, root, X):
    """X [row, feature] <- q x for the entries of features below `last`; returns the next entry."""
    while entry < end and np.int64(entries.feature[entry]) < last:
        j = np.int64(entries.feature[entry])
        X[np.int64(entries.row[entry]) * BLOCK + j] = root[j] * entries.value[entry]
        entry += 1
    return entry


@part(forceinline=True)
def _clear(entries, first, last, X):
    """Reset to 0 what `_put` wrote."""
    for e in range(first, last):
        X[np.int64(entries.row[e]) * BLOCK + np.int64(entries.feature[e])] = 0
