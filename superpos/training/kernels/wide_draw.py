"""How the wide kernel draws its samples, with bit masks of the entries that are not 0.

If every feature is off in most samples, drawing a word for each entry is wasteful: most words only decide
that the entry is 0, and the highest byte is enough to decide this. Then a byte is drawn for each entry,
and the other 24 bits only for the few entries that the byte leaves undecided or on. The word that decides
is uniform either way, so the distribution is the same; which numbers are drawn depends on the condition
alone.
"""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.philox import BATCH
from superpos.training.kernels.masks import join
from superpos.training.kernels.philox_lanes import (
    TILE,
    gated,
    store_words,
    uniform_of_word,
    words32,
)
from superpos.training.kernels.wide_scratch import ONE, ROW

GATE_STREAM, LOW_STREAM = 10, 11
"""The streams of the highest bytes and of the bits below them; `skips` has streams 8 and 9."""
BYTES_BELOW_DENSITY = 0.3
"""The density up to which a draw begins with a byte for each entry."""


@part
def draws_bytes(job, gates):
    """Whether every feature is on so seldom that drawing a byte for each entry first is cheaper."""
    highest = gates.limit[0]
    for i in range(job.n_features):
        highest = max(highest, gates.limit[i])
    return highest <= BYTES_BELOW_DENSITY * 2.0**32


@part
def draw(job, gates, by_bytes, keys, step, first, z):
    """Draw the samples first to first + 8 of each quarter of the batch into A, and the masks `on`.

    Returns the mask of the lanes that are samples of the batch.
    """
    if by_bytes:
        _draw_few(job, gates, keys, step, first // 8, z)
    else:
        _draw_all(job, gates, keys, step, first, z)
    samples = inside(job.batch // 4 - first)
    for s in range(TILE):
        if not (samples >> np.uint64(s)) & ONE:
            for i in range(job.n_features):
                z.A[i * ROW + s] = 0
                z.on[i] &= samples
    return samples


@part
def _draw_all(job, gates, keys, step, first, z):
    """Draw a word for each entry: the words that `fill.fill_tile` draws."""
    n = job.n_features
    for i in range(n):
        a, b = words32(keys, BATCH, step, 0, first * n + i, n)
        limit, scale = v.splat_wide(gates.limit[i]), v.splat_wide(gates.scale[i])
        on, too = v.at_most(a, limit), v.at_most(b, limit)
        v.store(z.A, i * ROW, gated(on, a, scale, job.signed))
        v.store(z.A, i * ROW + 16, gated(too, b, scale, job.signed))
        z.on[i] = join(v.mask_bits(on), v.mask_bits(too))


@part
def _draw_few(job, gates, keys, step, tile, z):
    """Draw the highest byte of each entry's word; then the low bits if the entry may be on."""
    n, blocks = job.n_features, (job.n_features + 3) // 4
    found = 0
    for q in range(blocks):
        a, b = words32(keys, BATCH, step, GATE_STREAM, 8 * (tile * blocks + q), 1)
        for k in range(2):
            found += _may_be_on(gates, n, 4 * q + k, v.halves(a)[k], z)
            found += _may_be_on(gates, n, 4 * q + 2 + k, v.halves(b)[k], z)
    # The k-th entry that may be on takes the k-th low word: features, then samples, in order.
    for k in range(0, found, 32):
        store_words(z.low, k, words32(keys, BATCH, step, LOW_STREAM, 8 * tile * n + k // 4, 1))
    k, zero = 0, v.splat_wide(z.A[0] - z.A[0])
    for i in range(n):
        left, o = z.on[i], i * ROW
        v.store(z.A, o, zero)
        v.store(z.A, o + 16, zero)
        limit, scale = np.int64(gates.limit[i]), gates.scale[i]
        while left != 0:
            s = v.lowest(left)
            left &= left - ONE
            high = (np.int64(z.bytes[8 * i + s // 4]) >> (8 * (s % 4))) & 255
            word = high << 24 | np.int64(z.low[k]) >> 8
            k += 1
            if word <= limit:
                z.A[o + s] = uniform_of_word(word, scale, job.signed)
            else:
                z.on[i] ^= ONE << np.uint64(s)


@part(forceinline=True)
def _may_be_on(gates, n, i, w, z):
    """Mark the samples whose byte is at most the highest byte of feature i's limit; return how many.

    A larger byte makes the whole word larger than the limit: such an entry is off.
    """
    if i >= n:
        return 0
    v.store(z.bytes, 8 * i, w)
    z.on[i] = v.bytes_at_most(w, gates.limit[i] >> np.uint32(24))
    return v.count_bits(z.on[i])


@part
def inside(samples):
    """The mask of a tile's lanes if each of its four vectors holds this many samples, at most 8."""
    byte = (ONE << np.uint64(min(samples, 8))) - ONE
    return byte * np.uint64(0x01010101)
