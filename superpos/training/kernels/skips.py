"""Sparse minibatches: the active entries alone, found by geometric skips.

Entries (sample, feature) stand in one row; from an active one to the next lie L others, with
P(L >= k) = (1 - p)^k. A word w gives L, the number of k >= 1 with w < (1 - p)^k 2^32, by a table.
Where the table ends, that many entries are passed and, memoryless, another word is drawn. Features
of lower density than the highest are thinned by the word that gives their value.
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.philox import BATCH
from superpos.training.kernels.draw import words32
from superpos.training.kernels.laws import gate

SKIP_STREAM, VALUE_STREAM = 8, 9
REACH = 2048
"""Length of the table of skips."""
BINS = 1024
"""Bins of words, each with the skip at which the search begins."""
BUFFER = 256
"""Words of skips drawn at a time."""


class Skips(NamedTuple):
    """below [REACH]: (1 - p)^k 2^32, k from 1; begin [BINS]; limit, scale [feature] as in Law."""

    below: np.ndarray
    begin: np.ndarray
    limit: np.ndarray
    scale: np.ndarray


class Table(NamedTuple):
    """Skips as pointers; `thin` where densities differ."""

    below: Any
    begin: Any
    limit: Any
    scale: Any
    thin: bool


class Entries(NamedTuple):
    """A batch as pointers: the non-empty sample s has the entries start[s] to start[s + 1] - 1 of
    `feature` and `value`; words: scratch."""

    start: Any
    feature: Any
    value: Any
    words: Any


def skips(p: np.ndarray, batch: int) -> Skips:
    """The law of features that are on with probability p [feature]."""
    highest = p.max()
    power = np.cumprod(np.full(REACH, 1 - highest))
    below = np.minimum(np.rint(power * 2.0**32), 2.0**32 - 1).astype(np.uint32)
    last_of_bin = ((np.arange(BINS) + 1) * (2**32 // BINS) - 1).astype(np.int64)
    begin = np.searchsorted(-below.astype(np.int64), -last_of_bin, side="left")
    return Skips(below, begin, *gate(p / highest))


@numba.njit
def table_of(law, t):
    """Row t of a table of laws."""
    thin = False
    for limit in law.limit[t]:
        thin = thin or limit != np.uint32(0xFFFFFFFF)
    return Table(
        v.pointer(law.below[t]), v.pointer(law.begin[t]), v.pointer(law.limit[t]),
        v.pointer(law.scale[t]), thin,
    )  # fmt: skip


@numba.njit
def draw(job, table, keys, step, out):
    """Fill `out` with a step's active entries; returns how many samples are not empty."""
    found, entries = _places(job, table, keys, step, out)
    for block in range((entries + 31) // 32):
        w = words32(keys, BATCH, step, VALUE_STREAM, 8 * block, 1)
        _values(job, table, out, 32 * block, w)
    if table.thin:
        _thin(table, keys, found, out, job.signed)
    return found


@numba.njit
def _places(job, table, keys, step, out):
    """Samples and features of the active entries; returns their numbers."""
    n, end = job.n_features, job.n_features * job.batch
    position, base, found, entries, used, blocks = 0, -n, 0, 0, BUFFER, 0
    while True:
        if used == BUFFER:
            for block in range(BUFFER // 32):
                a, b, c, d = words32(keys, BATCH, step, SKIP_STREAM, blocks + 8 * block, 1)
                v.store(out.words, 32 * block, a)
                v.store(out.words, 32 * block + 8, b)
                v.store(out.words, 32 * block + 16, c)
                v.store(out.words, 32 * block + 24, d)
            blocks += BUFFER // 4
            used = 0
        word = out.words[used]
        used += 1
        skip = table.begin[word >> np.uint32(22)]
        while skip < REACH and word < table.below[skip]:
            skip += 1
        position += skip
        if position >= end:
            break
        if skip < REACH:
            if position >= base + n:
                base += (position - base) // n * n
                out.start[found] = entries
                found += 1
            out.feature[entries] = position - base
            entries += 1
            position += 1
    out.start[found] = entries
    return found, entries


@numba.njit(forceinline=True)
def _values(job, table, out, at, w):
    """Values of 32 entries; where densities differ, the bare words, to be thinned."""
    w0, w1, w2, w3 = w
    if table.thin:
        v.store(out.words, BUFFER + at, w0)
        v.store(out.words, BUFFER + at + 8, w1)
        v.store(out.words, BUFFER + at + 16, w2)
        v.store(out.words, BUFFER + at + 24, w3)
    else:
        whole = v.splat(np.float32(2.0**-31))
        v.store(out.value, at, _value(w0, whole, job.signed))
        v.store(out.value, at + 8, _value(w1, whole, job.signed))
        v.store(out.value, at + 16, _value(w2, whole, job.signed))
        v.store(out.value, at + 24, _value(w3, whole, job.signed))


@numba.njit(forceinline=True)
def _value(w, scale, signed):
    u = v.mul(v.half_to_float(w), scale)
    if signed:
        u = v.sub(v.add(u, u), v.splat(np.float32(1)))
    return u


@numba.njit
def _thin(table, keys, found, out, signed):
    """Keep an entry where its word w <= limit of its feature, with the value w scale."""
    kept, entry = 0, 0
    for s in range(found):
        last = out.start[s + 1]
        out.start[s] = kept
        while entry < last:
            i, word = out.feature[entry], out.words[BUFFER + entry]
            if word <= table.limit[i]:
                u = np.float32(word >> np.uint32(1)) * table.scale[i]
                out.feature[kept] = i
                out.value[kept] = (u + u) - np.float32(1) if signed else u
                kept += 1
            entry += 1
    out.start[found] = kept
