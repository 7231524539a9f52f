"""Minibatches as tiles of 32 samples, x [feature, 32], drawn straight into vector lanes.

A tile is four vectors of eight samples, one from each quarter of the batch: the four words of a
Philox block belong to elements a quarter of the array apart, and so go to the four vectors. If every
sample is drawn and the batch is a multiple of 4, sample g batch / 4 + r gets the words that the
distribution's `sample` gives it in the reference engine.
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from superpos.numerics import kernel_codes
from superpos.numerics import simd as v
from superpos.numerics.philox import BATCH
from superpos.training.kernels import fill_one_by_one
from superpos.training.kernels.philox_lanes import TILE, gated, words32


class Rows(NamedTuple):
    """A finite training set: x [row, feature], its number of rows, and scratch for 32 chosen rows."""

    x: Any
    length: int
    chosen: Any


@numba.njit
def fill_tile(job, gates, rows, key, keys, step, samples, first, X):
    """Fill X [feature x 32] with rows `first` to first + 8 of the four quarters of the samples."""
    quarter = (samples + 3) // 4
    if samples % 4 != 0 and not gates.compact:
        fill_one_by_one.fill_tile(job, gates, rows, key, step, samples, first, X)
    elif job.kernel_code == kernel_codes.FEATURES and gates.compact:
        _features_of_some(job, gates, keys, step, first, X)
    elif job.kernel_code == kernel_codes.FEATURES:
        features(job, gates, keys, step, first, X)
    elif job.kernel_code == kernel_codes.ROWS:
        _rows(job, rows, keys, step, first, X)
    elif job.kernel_code == kernel_codes.ONE_SET:
        _one_set(job, gates, keys, step, first, X)
    else:
        _sets(job, gates, keys, step, first, X)
    blank(X, job.n_features, samples, quarter, first)


@numba.njit
def blank(X, n_features, samples, quarter, first):
    """Put 0 in the lanes of a tile beyond the samples, which then count as empty samples."""
    for g in range(4):
        inside = min(quarter, samples - g * quarter) - first
        for lane in range(max(inside, 0), 8):
            for i in range(n_features):
                X[i * TILE + 8 * g + lane] = 0


@numba.njit(forceinline=True)
def _of_state(one, two, none_on, one_on, later):
    """`none_on` for samples with no unit on yet, `one_on` for those with one, else `later`."""
    return v.where(two, v.splat(later), v.where(one, v.splat(one_on), v.splat(none_on)))


@numba.njit
def features(job, gates, keys, step, first, X):
    """x_i = word // 2 / (T_i / 2) if word < T_i, else 0."""
    n, signed = job.n_features, job.signed
    for i in range(n):
        w0, w1, w2, w3 = words32(keys, BATCH, step, 0, first * n + i, n)
        limit, scale, o = v.splat(gates.limit[i]), v.splat(gates.scale[i]), i * TILE
        v.store(X, o, gated(v.at_most(w0, limit), w0, scale, signed))
        v.store(X, o + 8, gated(v.at_most(w1, limit), w1, scale, signed))
        v.store(X, o + 16, gated(v.at_most(w2, limit), w2, scale, signed))
        v.store(X, o + 24, gated(v.at_most(w3, limit), w3, scale, signed))


@numba.njit
def _features_of_some(job, gates, keys, step, first, X):
    """The same for samples that are known to have at least one, or at least two, features on.

    Until that many are on, the probability of the next feature is conditional on this knowledge and
    on how many are on already (`laws.MinibatchLaw`). a, b, c, d mark the lanes with one feature on,
    and aa to dd those with two.
    """
    n, signed = job.n_features, job.signed
    a = v.splat(np.uint32(0))
    b, c, d = a, a, a
    aa, bb, cc, dd = a, a, a, a
    for i in range(n):
        w0, w1, w2, w3 = words32(keys, BATCH, step, 0, first * n + i, n)
        o = i * TILE
        a, aa = _feature(gates, i, a, aa, w0, signed, X, o)
        b, bb = _feature(gates, i, b, bb, w1, signed, X, o + 8)
        c, cc = _feature(gates, i, c, cc, w2, signed, X, o + 16)
        d, dd = _feature(gates, i, d, dd, w3, signed, X, o + 24)


@numba.njit(forceinline=True)
def _feature(gates, i, one, two, w, signed, X, at):
    """Store eight samples' x_i; returns the masks of samples with one, and with two features on."""
    limit = _of_state(one, two, gates.none_limit[i], gates.one_limit[i], gates.limit[i])
    scale = _of_state(one, two, gates.none_scale[i], gates.one_scale[i], gates.scale[i])
    on = v.at_most(w, limit)
    v.store(X, at, gated(on, w, scale, signed))
    return v.either(one, on), v.either(two, v.both(one, on))


@numba.njit(forceinline=True)
def _set_on(gates, u, one, w):
    """The mask of samples with set u on; `one` is the mask of those with a set on already."""
    if gates.compact:
        return v.at_most(w, v.where(one, v.splat(gates.limit[u]), v.splat(gates.none_limit[u])))
    return v.at_most(w, v.splat(gates.limit[u]))


@numba.njit(forceinline=True)
def _member(w, members):
    """floor(w members / 2^32): each of the `members` numbers is equally likely."""
    count = v.splat(np.uint64(members))
    return v.low_words(v.high32(v.product32(v.wide_words(w), count)))


@numba.njit
def _sets(job, gates, keys, step, first, X):
    """Draw sets of features: stream 0 turns sets on.

    Then stream 1 gives all members' values, or it chooses the one member whose value stream 2 gives.
    """
    n, units, signed = job.n_features, job.units, job.signed
    members = n // units
    whole = v.splat(np.float32(2.0**-31))
    a = v.splat(np.uint32(0))
    b, c, d = a, a, a
    for u in range(units):
        w0, w1, w2, w3 = words32(keys, BATCH, step, 0, first * units + u, units)
        on0, on1 = _set_on(gates, u, a, w0), _set_on(gates, u, b, w1)
        on2, on3 = _set_on(gates, u, c, w2), _set_on(gates, u, d, w3)
        a, b, c, d = v.either(a, on0), v.either(b, on1), v.either(c, on2), v.either(d, on3)
        if job.kernel_code == kernel_codes.ONE_MEMBER:
            c0, c1, c2, c3 = words32(keys, BATCH, step, 1, first * units + u, units)
            c0, c1 = _member(c0, members), _member(c1, members)
            c2, c3 = _member(c2, members), _member(c3, members)
            w0, w1, w2, w3 = words32(keys, BATCH, step, 2, first * units + u, units)
            for k in range(members):
                i, this = (u * members + k) * TILE, v.splat(np.uint32(k))
                v.store(X, i, gated(v.both(on0, v.equal(c0, this)), w0, whole, signed))
                v.store(X, i + 8, gated(v.both(on1, v.equal(c1, this)), w1, whole, signed))
                v.store(X, i + 16, gated(v.both(on2, v.equal(c2, this)), w2, whole, signed))
                v.store(X, i + 24, gated(v.both(on3, v.equal(c3, this)), w3, whole, signed))
        else:
            for k in range(members):
                i = u * members + k
                w0, w1, w2, w3 = words32(keys, BATCH, step, 1, first * n + i, n)
                v.store(X, i * TILE, gated(on0, w0, whole, signed))
                v.store(X, i * TILE + 8, gated(on1, w1, whole, signed))
                v.store(X, i * TILE + 16, gated(on2, w2, whole, signed))
                v.store(X, i * TILE + 24, gated(on3, w3, whole, signed))


@numba.njit
def _one_set(job, gates, keys, step, first, X):
    """Draw samples with at most one set on: stream 0 says whether, 1 says which, and 2 gives the values.

    If only samples that are not empty are drawn, stream 0 turns all of them on.
    """
    n, signed = job.n_features, job.signed
    sets = job.units
    limit, whole = v.splat(gates.limit[0]), v.splat(np.float32(2.0**-31))
    if gates.compact:
        limit = v.splat(np.uint32(0xFFFFFFFF))
    w0, w1, w2, w3 = words32(keys, BATCH, step, 0, first, 1)
    on0, on1, on2, on3 = (
        v.at_most(w0, limit), v.at_most(w1, limit), v.at_most(w2, limit), v.at_most(w3, limit),
    )  # fmt: skip
    c0, c1, c2, c3 = words32(keys, BATCH, step, 1, first, 1)
    c0, c1, c2, c3 = _member(c0, sets), _member(c1, sets), _member(c2, sets), _member(c3, sets)
    for i in range(n):
        w0, w1, w2, w3 = words32(keys, BATCH, step, 2, first * n + i, n)
        this = v.splat(np.uint32(i // (n // sets)))
        v.store(X, i * TILE, gated(v.both(on0, v.equal(c0, this)), w0, whole, signed))
        v.store(X, i * TILE + 8, gated(v.both(on1, v.equal(c1, this)), w1, whole, signed))
        v.store(X, i * TILE + 16, gated(v.both(on2, v.equal(c2, this)), w2, whole, signed))
        v.store(X, i * TILE + 24, gated(v.both(on3, v.equal(c3, this)), w3, whole, signed))


@numba.njit
def _rows(job, rows, keys, step, first, X):
    """Take rows of the training set [row, feature]; stream 0 chooses each with equal probability."""
    n = job.n_features
    w0, w1, w2, w3 = words32(keys, BATCH, step, 0, first, 1)
    v.store(rows.chosen, 0, _member(w0, rows.length))
    v.store(rows.chosen, 8, _member(w1, rows.length))
    v.store(rows.chosen, 16, _member(w2, rows.length))
    v.store(rows.chosen, 24, _member(w3, rows.length))
    for lane in range(TILE):
        start = np.int64(rows.chosen[lane]) * n
        for i in range(n):
            X[i * TILE + lane] = rows.x[start + i]
