"""Minibatches as tiles of 32 samples: x [feature, 32], drawn straight into vector lanes.

A tile is four vectors of eight samples; the four words of a Philox block go to the four vectors.
With every sample drawn and a batch that is a multiple of 4, sample g batch / 4 + r of a tile has
the words that the reference's `sample` gives it.
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from superpos.numerics import kernel_codes
from superpos.numerics import simd as v
from superpos.numerics.philox import BATCH, block
from superpos.training.kernels.draw import words32

TILE = 32


class Rows(NamedTuple):
    """A finite training set: x [row, feature], how many rows, and scratch for 32 chosen rows."""

    x: Any
    length: int
    chosen: Any


@numba.njit
def tile(job, gates, rows, key, keys, step, samples, first, X):
    """Fill X [feature x 32] with rows `first` to first + 8 of the four quarters of the samples."""
    quarter = (samples + 3) // 4
    if samples % 4 != 0 and not gates.compact:
        _one_by_one(job, gates, rows, key, step, samples, first, X)
    elif job.law == kernel_codes.FEATURES and gates.compact:
        _features_of_some(job, gates, keys, step, first, X)
    elif job.law == kernel_codes.FEATURES:
        features(job, gates, keys, step, first, X)
    elif job.law == kernel_codes.ROWS:
        _rows(job, rows, keys, step, first, X)
    elif job.law == kernel_codes.ONE_SET:
        _one_set(job, gates, keys, step, first, X)
    else:
        _sets(job, gates, keys, step, first, X)
    blank(X, job.n_features, samples, quarter, first)


@numba.njit
def blank(X, n_features, samples, quarter, first):
    """Put 0 where a tile reaches beyond the samples; there it counts empty samples."""
    for g in range(4):
        inside = min(quarter, samples - g * quarter) - first
        for lane in range(max(inside, 0), 8):
            for i in range(n_features):
                X[i * TILE + 8 * g + lane] = 0


@numba.njit(forceinline=True)
def _value(w, scale, signed):
    """u = w // 2 scale, or 2 u - 1 where signed, of a vector of words."""
    u = v.mul(v.half_to_float(w), scale)
    if signed:
        u = v.sub(v.add(u, u), v.splat(np.float32(1)))
    return u


@numba.njit(forceinline=True)
def gated(on, w, scale, signed):
    return v.where(on, _value(w, scale, signed), v.splat(np.float32(0)))


@numba.njit(forceinline=True)
def _of_state(one, two, none_on, one_on, later):
    """`none_on` where the sample has no unit on yet, `one_on` where it has one, else `later`."""
    return v.where(two, v.splat(later), v.where(one, v.splat(one_on), v.splat(none_on)))


@numba.njit
def features(job, gates, keys, step, first, X):
    """x_i = word // 2 / (T_i / 2) where word < T_i, else 0."""
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
    """The same for samples known to have some features on, by how many are on already."""
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
    """Eight samples' x_i; returns in which one feature is on now, and in which two are."""
    limit = _of_state(one, two, gates.none_limit[i], gates.one_limit[i], gates.limit[i])
    scale = _of_state(one, two, gates.none_scale[i], gates.one_scale[i], gates.scale[i])
    on = v.at_most(w, limit)
    v.store(X, at, gated(on, w, scale, signed))
    return v.either(one, on), v.either(two, v.both(one, on))


@numba.njit(forceinline=True)
def _set_on(gates, u, one, w):
    """Which samples have set u on; `one`: which have a set on already."""
    if gates.compact:
        return v.at_most(w, v.where(one, v.splat(gates.limit[u]), v.splat(gates.none_limit[u])))
    return v.at_most(w, v.splat(gates.limit[u]))


@numba.njit(forceinline=True)
def _member(w, members):
    """floor(w members / 2^32): an even choice."""
    count = v.splat(np.uint64(members))
    return v.low_words(v.high32(v.product32(v.wide_words(w), count)))


@numba.njit
def _sets(job, gates, keys, step, first, X):
    """Sets gated as units by stream 0; then all members uniform (stream 1), or one, chosen by
    stream 1, uniform (stream 2)."""
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
        if job.law == kernel_codes.ONE_MEMBER:
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
    """A sample gated by stream 0 (not where only non-empty samples are drawn); its set chosen by
    stream 1; each member uniform (stream 2)."""
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
    """Rows of the training set [row, feature], chosen evenly by stream 0."""
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


@numba.njit
def _word(key, step, stream, element, count):
    """One word, at the place where superpos.numerics.philox.words puts it."""
    quarter = (count + 3) // 4
    w = block(
        np.uint32(element % quarter), np.uint32(step), np.uint32(BATCH), np.uint32(stream),
        np.uint32(key), np.uint32(key >> np.uint64(32)),
    )  # fmt: skip
    which = element // quarter
    return w[0] if which == 0 else w[1] if which == 1 else w[2] if which == 2 else w[3]


@numba.njit
def _even(word, count):
    """floor(word count / 2^32)"""
    return np.int64((np.uint64(word) * np.uint64(count)) >> np.uint64(32))


@numba.njit
def _scalar_value(word, scale, signed):
    u = np.float32(word >> np.uint32(1)) * np.float32(scale)
    return np.float32(u + u) - np.float32(1) if signed else u


@numba.njit
def _one_by_one(job, gates, rows, key, step, samples, first, X):
    """The reference's words for batches that do not divide by 4, sample by sample."""
    quarter = (samples + 3) // 4
    for g in range(4):
        for lane in range(8):
            s = g * quarter + first + lane
            if first + lane < quarter and s < samples:
                for i in range(job.n_features):
                    x = _entry(job, gates, rows, key, step, samples, s, i)
                    X[i * TILE + 8 * g + lane] = x


@numba.njit
def _entry(job, gates, rows, key, step, samples, s, i):
    """x_i of sample s, by the same words as the reference."""
    n, units, whole = job.n_features, job.units, 2.0**-31
    if job.law == kernel_codes.ROWS:
        return rows.x[_even(_word(key, step, 0, s, samples), rows.length) * n + i]
    if job.law == kernel_codes.FEATURES:
        word = _word(key, step, 0, s * n + i, samples * n)
        on = word <= gates.limit[i]
        return _scalar_value(word, gates.scale[i], job.signed) if on else np.float32(0)
    members = n // units
    u = i // members
    if job.law == kernel_codes.ONE_SET:
        on = _word(key, step, 0, s, samples) <= gates.limit[0]
        on = on and _even(_word(key, step, 1, s, samples), units) == u
        value = _word(key, step, 2, s * n + i, samples * n)
    else:
        on = _word(key, step, 0, s * units + u, samples * units) <= gates.limit[u]
        if job.law == kernel_codes.ONE_MEMBER:
            chosen = _even(_word(key, step, 1, s * units + u, samples * units), members)
            on = on and chosen == i - u * members
            value = _word(key, step, 2, s * units + u, samples * units)
        else:
            value = _word(key, step, 1, s * n + i, samples * n)
    return _scalar_value(value, whole, job.signed) if on else np.float32(0)
