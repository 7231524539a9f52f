"""Sparse minibatches: only the active entries are drawn, found by geometric skips.

Put the entries (sample, feature) of a batch in one row, sample by sample. If each is active with
probability p, the number L of inactive entries before the next active one has P(L >= k) = (1 - p)^k.
One word w, uniform below 2^32, gives it: L is the number of k >= 1 with w < (1 - p)^k 2^32, read from
a table that falls with k. The distribution is memoryless, so if a word reaches the end of the
table, that many entries are skipped and another word is drawn.

If densities differ, the skips use the highest one, and an entry of feature i is kept with probability
p_i / highest. The word that decides this also gives the value, because a uniform word below a limit
is uniform below that limit.
"""

from typing import Any, NamedTuple

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.philox import BATCH
from superpos.training.kernels.laws import gate
from superpos.training.kernels.philox_lanes import (
    store_words,
    uniform_lanes,
    uniform_of_word,
    words32,
)

SKIP_STREAM, VALUE_STREAM = 8, 9
REACH = 2048
"""The length of the table of skips."""
BINS = 4096
"""The number of bins of words; each bin stores the skip at which the search in the table begins."""
BIN = np.uint32(2**32 // BINS)
"""The number of words in a bin."""
BUFFER = 256
"""How many words of skips are drawn at a time."""


NO_END = 2**62
"""A position beyond the end of any sequence of samples."""


class SkipLaw(NamedTuple):
    """How sparse minibatches are drawn, as arrays.

    below [REACH]: (1 - p)^k 2^32 for k = 1, 2, ...; begin [BINS]: the skip for the largest word in each
    bin; limit, scale [feature]: as in `MinibatchLaw`, for p_i / highest.
    """

    below: np.ndarray
    begin: np.ndarray
    limit: np.ndarray
    scale: np.ndarray


class Skips(NamedTuple):
    """A `SkipLaw` as pointers; `thin` says whether densities differ."""

    below: Any
    begin: Any
    limit: Any
    scale: Any
    thin: bool


class SparseBatch(NamedTuple):
    """A batch as pointers: non-empty sample s has the entries start[s] to start[s + 1] - 1.

    feature, value [entry]; words is scratch.
    """

    start: Any
    feature: Any
    value: Any
    words: Any


def skip_law(p: np.ndarray, batch: int) -> SkipLaw:
    """The law of features that are on with probability p [feature]."""
    highest = p.max()
    power = np.cumprod(np.full(REACH, 1 - highest))
    below = np.minimum(np.rint(power * 2.0**32), 2.0**32 - 1).astype(np.uint32)
    # A larger word means a smaller skip: the largest word of a bin has the smallest skip of the bin.
    last_of_bin = (np.arange(BINS) + 1) * np.int64(BIN) - 1
    begin = np.searchsorted(-below.astype(np.int64), -last_of_bin, side="left")
    return SkipLaw(below, begin.astype(np.uint16), *gate(p / highest))


@part
def skips_of(table, t):
    """Row t of a table of skip laws."""
    thin = False
    for limit in table.limit[t]:
        thin = thin or limit != np.uint32(0xFFFFFFFF)
    return Skips(
        v.pointer(table.below[t]), v.pointer(table.begin[t]), v.pointer(table.limit[t]),
        v.pointer(table.scale[t]), thin,
    )  # fmt: skip


@part
def pointers(arrays):
    """The arrays of a `SparseBatch` as pointers."""
    return SparseBatch(
        v.pointer(arrays[0]), v.pointer(arrays[1]), v.pointer(arrays[2]), v.pointer(arrays[3])
    )


@part
def draw(job, law, keys, step, out):
    """Fill `out` with the active entries of a step; returns how many samples are not empty."""
    found, entries = _places(job, law, keys, step, job.n_features * job.batch, out)
    _fill(job, law, keys, step, entries, out)
    if law.thin:
        _thin(law, keys, found, out, job.signed)
    return found


@part
def draw_filled(job, law, keys, step, out):
    """Fill `out` with a batch of samples of which none is empty; all densities must be equal.

    They are the first non-empty ones of an infinite sequence of samples.
    """
    _fill(job, law, keys, step, _places(job, law, keys, step, NO_END, out)[1], out)


@part
def _fill(job, law, keys, step, entries, out):
    """Give the entries their values."""
    for block in range((entries + 31) // 32):
        w = words32(keys, BATCH, step, VALUE_STREAM, 8 * block, 1)
        _values(job, law, out, 32 * block, w)


@part
def _places(job, law, keys, step, end, out):
    """Find the active entries before position `end`, until there are as many non-empty samples as in a batch.

    Returns the number of non-empty samples and the number of entries.
    """
    n = job.n_features
    position, base, found, entries, used, blocks = 0, -n, 0, 0, BUFFER, 0
    while True:
        if used == BUFFER:
            for block in range(BUFFER // 32):
                w = words32(keys, BATCH, step, SKIP_STREAM, blocks + 8 * block, 1)
                store_words(out.words, 32 * block, w)
            blocks += BUFFER // 4
            used = 0
        word = out.words[used]
        used += 1
        skip = np.int64(law.begin[word // BIN])
        while skip < REACH and word < law.below[skip]:
            skip += 1
        position += skip
        if position >= end:
            break
        # If the skip reached the end of the table, this entry is not active, and the next word
        # continues here.
        if skip < REACH:
            if position >= base + n:
                if found == job.batch:
                    break
                base += n
                # Most samples are not empty where this loop takes time, so the division is seldom made.
                if position >= base + n:
                    base += (position - base) // n * n
                out.start[found] = entries
                found += 1
            out.feature[entries] = position - base
            entries += 1
            position += 1
    out.start[found] = entries
    return found, entries


@part(forceinline=True)
def _values(job, law, out, at, w):
    """Store the values of 32 entries; if densities differ, store the bare words for `_thin`."""
    if law.thin:
        store_words(out.words, BUFFER + at, w)
    else:
        whole = v.splat_wide(np.float32(2.0**-31))
        v.store(out.value, at, uniform_lanes(w[0], whole, job.signed))
        v.store(out.value, at + 16, uniform_lanes(w[1], whole, job.signed))


@part
def _thin(law, keys, found, out, signed):
    """Keep the entries whose word is at most the limit of their feature, and give them their values."""
    kept, entry = 0, 0
    for s in range(found):
        last = out.start[s + 1]
        out.start[s] = kept
        while entry < last:
            i, word = out.feature[entry], out.words[BUFFER + entry]
            if word <= law.limit[i]:
                out.feature[kept] = i
                out.value[kept] = uniform_of_word(word, law.scale[i], signed)
                kept += 1
            entry += 1
    out.start[found] = kept
