"""Tiles of batches that are not a multiple of 4, sample by sample and word by word.

Such a batch has quarters of unequal length, so the four words of a Philox block do not map to four
lanes of a tile. Speed does not matter here: no experiment has such a batch.
"""

import numpy as np

from superpos.numerics import kernel_codes
from superpos.numerics.compiled import part
from superpos.numerics.philox import BATCH, four_words
from superpos.training.kernels.philox_lanes import TILE, uniform_of_word


@part
def _word(key, step, stream, element, count):
    """Word `element` of the `count` words that `superpos.numerics.philox.words` gives."""
    quarter = (count + 3) // 4
    w = four_words(
        np.uint32(element % quarter), np.uint32(step), np.uint32(BATCH), np.uint32(stream),
        np.uint32(key), np.uint32(key >> np.uint64(32)),
    )  # fmt: skip
    which = element // quarter
    return w[0] if which == 0 else w[1] if which == 1 else w[2] if which == 2 else w[3]


@part
def _even(word, count):
    """floor(word count / 2^32): each number below `count` is equally likely."""
    return np.int64((np.uint64(word) * np.uint64(count)) >> np.uint64(32))


@part
def fill_tile(job, gates, rows, key, step, samples, first, X):
    """Fill X [feature x 32] with rows `first` to first + 8 of the four quarters of the samples."""
    quarter = (samples + 3) // 4
    for g in range(4):
        for lane in range(8):
            s = g * quarter + first + lane
            if first + lane < quarter and s < samples:
                for i in range(job.n_features):
                    x = _entry(job, gates, rows, key, step, samples, s, i)
                    X[i * TILE + 8 * g + lane] = x


@part
def _entry(job, gates, rows, key, step, samples, s, i):
    """x_i of sample s, from the words that the distribution's `sample` takes for it."""
    n, units, whole = job.n_features, job.units, np.float32(2.0**-31)
    if job.kernel_code == kernel_codes.ROWS:
        return rows.x[_even(_word(key, step, 0, s, samples), rows.length) * n + i]
    if job.kernel_code == kernel_codes.FEATURES:
        word = _word(key, step, 0, s * n + i, samples * n)
        on = word <= gates.limit[i]
        return uniform_of_word(word, gates.scale[i], job.signed) if on else np.float32(0)
    members = n // units
    u = i // members
    if job.kernel_code == kernel_codes.ONE_SET:
        on = _word(key, step, 0, s, samples) <= gates.limit[0]
        on = on and _even(_word(key, step, 1, s, samples), units) == u
        value = _word(key, step, 2, s * n + i, samples * n)
    else:
        on = _word(key, step, 0, s * units + u, samples * units) <= gates.limit[u]
        if job.kernel_code == kernel_codes.ONE_MEMBER:
            chosen = _even(_word(key, step, 1, s * units + u, samples * units), members)
            on = on and chosen == i - u * members
            value = _word(key, step, 2, s * units + u, samples * units)
        else:
            value = _word(key, step, 1, s * n + i, samples * n)
    return uniform_of_word(value, whole, job.signed) if on else np.float32(0)
