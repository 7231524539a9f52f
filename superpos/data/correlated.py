"""Correlated sets (section "Correlated and Anticorrelated Features"): members are on together.

A set is on with probability p; then each of its members is uniform, independently.
"""

import numpy as np

from superpos import unit_laws
from superpos.condition import Condition
from superpos.data import Draw, set_density, threshold, values

KERNEL = unit_laws.ALL_MEMBERS
check = set_density


def sample(condition: Condition, draw: Draw, samples: int) -> np.ndarray:
    """x [sample, feature]: stream 0 gates the sets, stream 1 gives the values."""
    p = set_density(condition)
    on = draw(0, samples * len(p)).reshape(samples, -1) < threshold(p)
    return fill(condition, on, lambda stream, count: draw(1 + stream, count))


def units(condition: Condition) -> np.ndarray:
    """p [unit]: the units are the sets."""
    return set_density(condition)


def fill(condition: Condition, on: np.ndarray, draw: Draw) -> np.ndarray:
    """x [sample, feature] given which sets are on [sample, unit]."""
    members = condition.n_features // on.shape[1]
    words = draw(0, len(on) * condition.n_features).reshape(len(on), -1)
    on = np.repeat(on, members, axis=1)
    return np.where(on, values(words, condition.data.signed), np.float32(0))
