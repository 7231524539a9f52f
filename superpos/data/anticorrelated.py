"""Anticorrelated sets (section "Correlated and Anticorrelated Features"): one member at a time.

A set is on with probability p; then exactly one of its members, chosen evenly, is uniform.
"""

import numpy as np

from superpos.config.condition import Condition
from superpos.data import Draw, columns, set_density, threshold, values
from superpos.numerics import kernel_codes

KERNEL = kernel_codes.ONE_MEMBER
check = set_density


def sample(condition: Condition, draw: Draw, samples: int) -> np.ndarray:
    """x [sample, feature]: stream 0 gates the sets, stream 1 chooses members, stream 2 gives values."""
    return part(condition, draw, samples, 0, condition.n_features)


def part(condition: Condition, draw: Draw, samples: int, first: int, stop: int) -> np.ndarray:
    """The features first to stop of `sample`."""
    p = set_density(condition)
    own, _ = _places(condition, first, stop)
    some, shape = (own[0], own[-1] + 1), (samples, len(p))
    on = columns(draw, 0, shape, *some) < threshold(p[slice(*some)])
    choice, words = (columns(draw, stream, shape, *some) for stream in (1, 2))
    return _values(condition, on, choice, words, first, stop)


def marginals(condition: Condition) -> np.ndarray:
    """P(x_i != 0): p over the number of members, [feature]."""
    sets = len(set_density(condition))
    return condition.densities() / (condition.n_features // sets)


def units(condition: Condition) -> np.ndarray:
    """p [unit]: the units are the sets."""
    return set_density(condition)


def fill(condition: Condition, on: np.ndarray, draw: Draw) -> np.ndarray:
    """x [sample, feature] given which sets are on [sample, unit]."""
    choice, words = (draw(stream, on.size).reshape(on.shape) for stream in (0, 1))
    return _values(condition, on, choice, words, 0, condition.n_features)


def _places(condition: Condition, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """The set of the features first to stop, and their number in it."""
    members = condition.n_features // len(set_density(condition))
    return np.arange(first, stop) // members, np.arange(first, stop) % members


def _values(
    condition: Condition,
    on: np.ndarray,
    choice: np.ndarray,
    words: np.ndarray,
    first: int,
    stop: int,
) -> np.ndarray:
    """The features first to stop, of the [sample, set] arrays of their sets."""
    own, place = _places(condition, first, stop)
    members = np.uint64(condition.n_features // len(set_density(condition)))
    # No place in the set where it is off.
    member = np.where(on, (choice.astype(np.uint64) * members) >> np.uint64(32), members)
    value, own = values(words, condition.data.signed), own - own[0]
    return np.where(member[:, own] == place.astype(np.uint64), value[:, own], np.float32(0))
