"""Philox in vector lanes: 32 words at a time, the same words as superpos.philox gives one by one."""

import numba
import numpy as np

from superpos.kernels import simd as v

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


@numba.njit(inline="always")
def words32(key, purpose, step, stream, first, stride):
    """Four vectors of uint32: words 0 to 3 of the blocks first + lane x stride, lane = 0 to 7."""
    k0, k1 = key & _LOW, key >> _HALF
    c0 = v.plus(v.splat(np.uint64(first)), v.product32(v.lanes(key), v.splat(np.uint64(stride))))
    c1, c2, c3 = v.splat(np.uint64(step)), v.splat(np.uint64(purpose)), v.splat(np.uint64(stream))
    m0, m1 = v.splat(_M0), v.splat(_M1)
    for _ in range(10):
        # Only the low halves of c0 to c3 count: the products ignore what stands above.
        p0, p1 = v.product32(c0, m0), v.product32(c2, m1)
        c0 = v.differ(v.high32(p1), v.differ(c1, v.splat(k0)))
        c2 = v.differ(v.high32(p0), v.differ(c3, v.splat(k1)))
        c1, c3 = p1, p0
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return v.low_words(c0), v.low_words(c1), v.low_words(c2), v.low_words(c3)
