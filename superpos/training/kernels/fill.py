"""Minibatches as tiles of 32 samples, x [feature, 32], drawn straight into vector lanes.

A tile is four vectors of eight samples, one from each quarter of the batch: the four words of a
Philox block belong to elements a quarter of the array apart, and so go to the four vectors. If every
sample is drawn and the batch is a multiple of 4, sample g batch / 4 + r gets the words that the
distribution's `sample` gives it in the reference engine.
"""

from typing import Any, NamedTuple

import numpy as np

from superpos.numerics import kernel_codes
from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.philox import BATCH
from superpos.training.kernels import fill_one_by_one
from superpos.training.kernels.philox_lanes import TILE, gated, words32


class TrainingRows(NamedTuple):
    """A finite training set: x [row, feature], its number of rows, and scratch for 32 chosen rows."""

    x: Any
    length: int
    chosen: Any


@part
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


@part
def blank(X, n_features, samples, quarter, first):
    """Write 0 to the lanes of a tile beyond the samples, so that they count as empty samples."""
    for g in range(4):
        inside = min(quarter, samples - g * quarter) - first
        for lane in range(max(inside, 0), 8):
            for i in range(n_features):
                X[i * TILE + 8 * g + lane] = 0


@part(forceinline=True)
def _of_state(one, two, none_on, one_on, later):
    """`none_on` for samples with no unit on so far, `one_on` for samples with one, and `later` for others."""
    none_on, one_on, later = v.splat_wide(none_on), v.splat_wide(one_on), v.splat_wide(later)
    return v.where(two, later, v.where(one, one_on, none_on))


@part(forceinline=True)
def _nobody():
    """A mask of sixteen samples in which none is set."""
    return v.no_lanes(v.splat_wide(np.uint32(0)))


@part
def features(job, gates, keys, step, first, X):
    """x_i = word // 2 / (T_i / 2) if word < T_i, else 0."""
    n, signed = job.n_features, job.signed
    for i in range(n):
        w, z = words32(keys, BATCH, step, 0, first * n + i, n)
        limit, scale = v.splat_wide(gates.limit[i]), v.splat_wide(gates.scale[i])
        v.store(X, i * TILE, gated(v.at_most(w, limit), w, scale, signed))
        v.store(X, i * TILE + 16, gated(v.at_most(z, limit), z, scale, signed))


@part
def _features_of_some(job, gates, keys, step, first, X):
    """`features` for samples that are known to have at least one, or at least two, features on.

    Until that many are on, the probability of the next feature is conditional on this knowledge and
    on how many are on already (`laws.MinibatchLaw`). a and b mark the lanes with one feature on, and aa
    and bb those with two.
    """
    n, signed = job.n_features, job.signed
    a = b = aa = bb = _nobody()
    for i in range(n):
        w, z = words32(keys, BATCH, step, 0, first * n + i, n)
        a, aa = _feature(gates, i, a, aa, w, signed, X, i * TILE)
        b, bb = _feature(gates, i, b, bb, z, signed, X, i * TILE + 16)


@part(forceinline=True)
def _feature(gates, i, one, two, w, signed, X, at):
    """Store x_i of sixteen samples; returns the masks of samples with at least one, and two, features on."""
    limit = _of_state(one, two, gates.none_limit[i], gates.one_limit[i], gates.limit[i])
    scale = _of_state(one, two, gates.none_scale[i], gates.one_scale[i], gates.scale[i])
    on = v.at_most(w, limit)
    v.store(X, at, gated(on, w, scale, signed))
    return v.either(one, on), v.either(two, v.both(one, on))


@part(forceinline=True)
def _set_on(gates, u, one, w):
    """The mask of the samples in which set u is on; `one` is the mask of samples with an earlier set on."""
    limit = v.splat_wide(gates.limit[u])
    if gates.compact:
        return v.at_most(w, v.where(one, limit, v.splat_wide(gates.none_limit[u])))
    return v.at_most(w, limit)


@part
def _sets(job, gates, keys, step, first, X):
    """Draw sets of features: stream 0 turns sets on.

    Then stream 1 gives all members' values, or it chooses the one member whose value stream 2 gives.
    """
    n, units, signed = job.n_features, job.units, job.signed
    members = n // units
    whole = v.splat_wide(np.float32(2.0**-31))
    a = b = _nobody()
    for u in range(units):
        w, z = words32(keys, BATCH, step, 0, first * units + u, units)
        on, too = _set_on(gates, u, a, w), _set_on(gates, u, b, z)
        a, b = v.either(a, on), v.either(b, too)
        if job.kernel_code == kernel_codes.ONE_MEMBER:
            c, d = words32(keys, BATCH, step, 1, first * units + u, units)
            c, d = v.scaled(c, np.uint64(members)), v.scaled(d, np.uint64(members))
            w, z = words32(keys, BATCH, step, 2, first * units + u, units)
            for k in range(members):
                i, this = (u * members + k) * TILE, v.splat_wide(np.uint32(k))
                v.store(X, i, gated(v.both(on, v.equal(c, this)), w, whole, signed))
                v.store(X, i + 16, gated(v.both(too, v.equal(d, this)), z, whole, signed))
        else:
            for k in range(members):
                i = u * members + k
                w, z = words32(keys, BATCH, step, 1, first * n + i, n)
                v.store(X, i * TILE, gated(on, w, whole, signed))
                v.store(X, i * TILE + 16, gated(too, z, whole, signed))


@part
def _one_set(job, gates, keys, step, first, X):
    """Draw samples with at most one set on: stream 0 decides whether, 1 chooses which, 2 gives the values.

    If only samples that are not empty are drawn, stream 0 turns all of them on.
    """
    n, signed = job.n_features, job.signed
    sets = job.units
    limit, whole = v.splat_wide(gates.limit[0]), v.splat_wide(np.float32(2.0**-31))
    if gates.compact:
        limit = v.splat_wide(np.uint32(0xFFFFFFFF))
    w, z = words32(keys, BATCH, step, 0, first, 1)
    on, too = v.at_most(w, limit), v.at_most(z, limit)
    c, d = words32(keys, BATCH, step, 1, first, 1)
    c, d = v.scaled(c, np.uint64(sets)), v.scaled(d, np.uint64(sets))
    for i in range(n):
        w, z = words32(keys, BATCH, step, 2, first * n + i, n)
        this = v.splat_wide(np.uint32(i // (n // sets)))
        v.store(X, i * TILE, gated(v.both(on, v.equal(c, this)), w, whole, signed))
        v.store(X, i * TILE + 16, gated(v.both(too, v.equal(d, this)), z, whole, signed))


@part
def _rows(job, rows, keys, step, first, X):
    """Take rows of the training set [row, feature]; stream 0 chooses each with equal probability."""
    n = job.n_features
    w, z = words32(keys, BATCH, step, 0, first, 1)
    v.store(rows.chosen, 0, v.scaled(w, np.uint64(rows.length)))
    v.store(rows.chosen, 16, v.scaled(z, np.uint64(rows.length)))
    for lane in range(TILE):
        start = np.int64(rows.chosen[lane]) * n
        for i in range(n):
            X[i * TILE + lane] = rows.x[start + i]
