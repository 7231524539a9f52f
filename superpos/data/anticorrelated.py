"""Anticorrelated sets (section "Correlated and Anticorrelated Features"): one member at a time.

A set is on with probability p; then exactly one of its members, chosen evenly, is uniform.
"""

import numpy as np

from superpos import unit_laws
from superpos.condition import Condition
from superpos.data import Draw, set_density, threshold, values

KERNEL = unit_laws.ONE_MEMBER
check = set_density


def sample(condition: Condition, draw: Draw, samples: int) -> np.ndarray:
    """x [sample, feature]: stream 0 gates the sets, stream 1 chooses members, stream 2 gives values."""
    p = set_density(condition)
    on = draw(0, samples * len(p)).reshape(samples, -1) < threshold(p)
    return fill(condition, on, lambda stream, count: draw(1 + stream, count))


def units(condition: Condition) -> np.ndarray:
    """p [unit]: the units are the sets."""
    return set_density(condition)


def fill(condition: Condition, on: np.ndarray, draw: Draw) -> np.ndarray:
    """x [sample, feature] given which sets are on [sample, unit]."""
    members = condition.n_features // on.shape[1]
    member = (draw(0, on.size).astype(np.uint64) * np.uint64(members)) >> np.uint64(32)
    value = values(draw(1, on.size), condition.data.signed).reshape(on.shape)
    chosen = member.reshape(on.shape)[:, :, None] == np.arange(members)
    x = np.where(chosen & on[:, :, None], value[:, :, None], np.float32(0))
    return x.reshape(len(on), -1)
