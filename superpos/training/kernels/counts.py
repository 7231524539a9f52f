"""How many samples of a minibatch fall in each cell of a law: binomial numbers, one after another."""

import numba
import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.philox import BATCH
from superpos.training.kernels.draw import words32

STREAM = 7
"""The stream of the counts' words; the reference uses streams 0 to 2."""
_TOGETHER = 16
"""Cells whose words are drawn at once, two a cell."""


@numba.njit
def _mode(count, p):
    return min(np.int64((count + 1) * p), count)


@numba.njit(cache=True)
def peaks(share, most):
    """P(K = mode) for K ~ Binomial(count, p), [cell, count], p of `share` [cell], count to `most`."""
    out = np.ones((len(share), most + 1))
    for cell, p in enumerate(share):
        for count in range(most if p < 1 else 0):
            mode, later = _mode(count, p), _mode(count + 1, p)
            peak = out[cell, count] * (1 - p) * ((count + 1) / (count + 1 - mode))
            if later > mode:
                peak *= (count + 1 - mode) / later * (p / (1 - p))
            out[cell, count + 1] = peak
    return out


@numba.njit(error_model="numpy")
def binomial(count, p, peak, u):
    """Binomial(count, p) from u in [0, 1), by inversion: the values take their parts of [0, 1) from
    the mode outward, up and down in turn. peak: P(K = mode)."""
    mode = low = high = _mode(count, p)
    u -= peak
    if u < 0:
        return mode
    odds, down, up = p / (1 - p), peak, peak
    while low > 0 or high < count:
        if high < count:
            high += 1
            up *= odds * ((count + 1 - high) / high)
            u -= up
            if u < 0:
                return high
        if low > 0:
            down *= low / ((count + 1 - low) * odds)
            low -= 1
            u -= down
            if u < 0:
                return low
    # What rounding leaves over.
    return mode


@numba.njit
def draw(batch, cells, keys, step, words, out):
    """Fill out [cell] with the numbers of a step's samples; words: scratch for 32."""
    left = batch
    for cell in range(cells.number):
        k = cell % _TOGETHER
        if k == 0:
            w0, w1, w2, w3 = words32(keys, BATCH, step, STREAM, cell // 2, 1)
            v.store(words, 0, w0)
            v.store(words, 8, w1)
            v.store(words, 16, w2)
            v.store(words, 24, w3)
        at = k // 2 + 16 * (k % 2)
        high, low = np.float64(words[at]), np.float64(words[at + 8] & np.uint32(0xFFFFF800))
        u = (high * 2.0**32 + low) * 2.0**-64
        peak = cells.peak[cell * (batch + 1) + left]
        out[cell] = binomial(left, cells.share[cell], peak, u)
        left -= out[cell]
