"""Correlated sets (section "Correlated and Anticorrelated Features"): members are on together.

A set is on with probability p; then each of its members is uniform, independently.
"""

import numpy as np

from superpos.config.condition import Condition
from superpos.data import Draw, columns, set_density, threshold, values
from superpos.numerics import kernel_codes

KERNEL = kernel_codes.ALL_MEMBERS
check = set_density


def sample(condition: Condition, draw: Draw, samples: int) -> np.ndarray:
    """x [sample, feature]: stream 0 gates the sets, stream 1 gives the values."""
    return part(condition, draw, samples, 0, condition.n_features)


def part(condition: Condition, draw: Draw, samples: int, first: int, stop: int) -> np.ndarray:
    """The features first to stop of `sample`."""
    p = set_density(condition)
    own = np.arange(first, stop) // (condition.n_features // len(p))
    some = own[0], own[-1] + 1
    on = columns(draw, 0, (samples, len(p)), *some) < threshold(p[slice(*some)])
    words = columns(draw, 1, (samples, condition.n_features), first, stop)
    return _values(condition, on[:, own - own[0]], words)


def units(condition: Condition) -> np.ndarray:
    """p [unit]: the units are the sets."""
    return set_density(condition)


def fill(condition: Condition, on: np.ndarray, draw: Draw) -> np.ndarray:
    """x [sample, feature] given which sets are on [sample, unit]."""
    members = condition.n_features // on.shape[1]
    words = draw(0, len(on) * condition.n_features).reshape(len(on), -1)
    return _values(condition, np.repeat(on, members, axis=1), words)


def _values(condition: Condition, on: np.ndarray, words: np.ndarray) -> np.ndarray:
    """x of the features that are on; all [sample, feature]."""
    return np.where(on, values(words, condition.data.signed), np.float32(0))
