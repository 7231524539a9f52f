"""One set at a time: the sparse limit of correlated sets, given that a sample is not empty.

With probability p (one density for all) exactly one set, chosen evenly, is on; then each of its
members is uniform, independently. p = 1 is Wattenberg's conditioning on a non-zero sample.
"""

import numpy as np

from superpos.config.condition import Condition
from superpos.data import Draw, columns, set_density, threshold, values
from superpos.numerics import kernel_codes

KERNEL = kernel_codes.ONE_SET


def sample(condition: Condition, draw: Draw, samples: int) -> np.ndarray:
    """x [sample, feature]: stream 0 gates the sample, 1 chooses its set, 2 gives the values."""
    return part(condition, draw, samples, 0, condition.n_features)


def part(condition: Condition, draw: Draw, samples: int, first: int, stop: int) -> np.ndarray:
    """The features first to stop of `sample`."""
    (p,), sets = gates(condition), len(set_density(condition))
    on = draw(0, samples) < threshold(p)
    chosen = (draw(1, samples).astype(np.uint64) * np.uint64(sets)) >> np.uint64(32)
    set_of_feature = np.arange(first, stop) // (condition.n_features // sets)
    words = columns(draw, 2, (samples, condition.n_features), first, stop)
    active = on[:, None] & (chosen[:, None] == set_of_feature)
    return np.where(active, values(words, condition.data.signed), np.float32(0))


def marginals(condition: Condition) -> np.ndarray:
    """P(x_i != 0): p over the number of sets, [feature]."""
    return condition.densities() / len(set_density(condition))


def gates(condition: Condition) -> np.ndarray:
    """The probability that a sample is not empty, [1]."""
    p = set_density(condition)
    if (p != p[0]).any():
        raise ValueError("data.name 'one_set' takes one density for all sets")
    return p[:1]


check = gates
