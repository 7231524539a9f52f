"""Philox in vector lanes, and the numbers made from its words.

`words32` gives 32 words at a time, the same as `superpos.numerics.philox` gives one by one.
"""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.philox import ROUNDS

TILE = 32
"""Samples in a tile: as many as `words32` gives words."""

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


@part
def round_keys(key, out):
    """Write the keys of all rounds, [2 x round], so that a round only loads its keys."""
    k0, k1 = key & _LOW, key >> _HALF
    for r in range(ROUNDS):
        out[2 * r], out[2 * r + 1] = k0, k1
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW


@part(forceinline=True)
def words32(keys, purpose, step, stream, first, stride):
    """Two vectors of sixteen uint32: words 0 and 1, then 2 and 3, of the blocks first + lane x stride.

    Each word takes eight lanes, lane = 0 to 7.

    In the first two rounds only c0 differs between lanes, so half of the arithmetic is scalar.
    """
    one = np.uint64(1)
    c0 = v.plus(v.splat(np.uint64(first)), v.product32(v.lanes(one), v.splat(np.uint64(stride))))
    p1 = _M1 * np.uint64(purpose)
    p0 = v.product32(c0, v.splat(_M0))
    scalar0 = ((p1 >> _HALF) ^ np.uint64(step) ^ keys[0]) & _LOW
    c2 = v.differ(v.high32(p0), v.splat(np.uint64(stream) ^ keys[1]))
    q0 = _M0 * scalar0
    q1 = v.product32(c2, v.splat(_M1))
    c0 = v.differ(v.high32(q1), v.splat((p1 & _LOW) ^ keys[2]))
    c2 = v.differ(v.splat((q0 >> _HALF) ^ keys[3]), p0)
    c1, c3 = q1, v.splat(q0)
    c0, c1, c2, c3 = _round(keys, 4, c0, c1, c2, c3)
    c0, c1, c2, c3 = _round(keys, 6, c0, c1, c2, c3)
    c0, c1, c2, c3 = _round(keys, 8, c0, c1, c2, c3)
    c0, c1, c2, c3 = _round(keys, 10, c0, c1, c2, c3)
    c0, c1, c2, c3 = _round(keys, 12, c0, c1, c2, c3)
    return v.low_words(c0, c1), v.low_words(c2, c3)


@part(forceinline=True)
def _round(keys, at, c0, c1, c2, c3):
    """One round of Philox. Only the low halves of lanes matter, because `product32` ignores the high ones."""
    p0, p1 = v.product32(c0, v.splat(_M0)), v.product32(c2, v.splat(_M1))
    c0 = v.differ(v.high32(p1), v.differ(c1, v.splat(keys[at])))
    c2 = v.differ(v.high32(p0), v.differ(c3, v.splat(keys[at + 1])))
    return c0, p1, c2, p0


@part(forceinline=True)
def store_words(out, at, two):
    """Store the 32 words that `words32` gives at out + at."""
    v.store(out, at, two[0])
    v.store(out, at + 16, two[1])


@part(forceinline=True)
def uniform_lanes(w, scale, signed):
    """u = w // 2 x scale, or 2 u - 1 if signed, for a vector of words.

    A halved word has no bit in the sign's position, so a vector unit converts it to a float directly.
    """
    u = v.mul(v.half_to_float(w), scale)
    if signed:
        u = v.sub(v.add(u, u), v.splat_like(u, np.float32(1)))
    return u


@part(forceinline=True)
def gated(on, w, scale, signed):
    """`uniform_lanes` where the mask `on` is set, else 0."""
    u = uniform_lanes(w, scale, signed)
    return v.where(on, u, v.splat_like(u, np.float32(0)))


@part(forceinline=True)
def uniform_of_word(word, scale, signed):
    """`uniform_lanes` of a single word; scale is float32."""
    u = np.float32(word >> type(word)(1)) * scale
    return (u + u) - np.float32(1) if signed else u
