"""Draw the number of samples of a minibatch in each class of a law.

The counts are multinomial. They are drawn one class after another: of the samples that are in no
earlier class, the number in this one is binomial.
"""

import numpy as np

from superpos.numerics.compiled import numba, part
from superpos.numerics.philox import BATCH
from superpos.training.kernels.philox_lanes import store_words, words32

COUNT_STREAM = 7
"""The stream of the counts' words; the reference engine uses streams 0 to 2."""
CLASSES_AT_ONCE = 16
"""How many classes have their words drawn at once: 32 words, two for each class."""


@part
def _mode(count, p):
    """The most likely value of Binomial(count, p)."""
    return min(np.int64((count + 1) * p), count)


@numba.njit(cache=True)
def peaks(share, most):
    """P(K = mode) for K ~ Binomial(count, p), [class, count], with p = share [class] and count <= most."""
    out = np.ones((len(share), most + 1))
    for cell, p in enumerate(share):
        for count in range(most if p < 1 else 0):
            # To go from count to count + 1, multiply P(K = k) by (1 - p) (count + 1) / (count + 1 -
            # k). If the mode moves from k to k + 1, the ratio of neighbours, (count + 1 - k) p /
            # ((k + 1) (1 - p)), is a further factor. Nothing underflows: only values at the mode
            # are multiplied.
            mode, later = _mode(count, p), _mode(count + 1, p)
            peak = out[cell, count] * (1 - p) * ((count + 1) / (count + 1 - mode))
            if later > mode:
                peak *= (count + 1 - mode) / later * (p / (1 - p))
            out[cell, count + 1] = peak
    return out


@part(error_model="numpy")
def binomial(count, p, peak, u):
    """Turn u in [0, 1) into a draw from Binomial(count, p); peak is P(K = mode).

    Each value takes an interval of [0, 1) whose length is its probability. The order is mode,
    mode + 1, mode - 1, mode + 2, ...; the draw is the value whose interval holds u. The average
    number of values visited is about the standard deviation.
    """
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
    # Because of rounding, the intervals may not quite cover [0, 1).
    return mode


@part
def draw(batch, classes, keys, step, words, out):
    """Fill out [class] with the number of a step's samples in each class; words is scratch for 32 words."""
    left = batch
    for cell in range(classes.number):
        k = cell % CLASSES_AT_ONCE
        if k == 0:
            store_words(words, 0, words32(keys, BATCH, step, COUNT_STREAM, cell // 2, 1))
        # Two words make a number of 53 bits, as many as float64 holds.
        at = k // 2 + 16 * (k % 2)
        high, low = np.float64(words[at]), np.float64(words[at + 8] & np.uint32(0xFFFFF800))
        u = (high * 2.0**32 + low) * 2.0**-64
        peak = classes.peak[cell * (batch + 1) + left]
        out[cell] = binomial(left, classes.share[cell], peak, u)
        left -= out[cell]
