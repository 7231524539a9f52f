"""Independent features: x_i is 0 with probability S = 1 - p_i, else uniform."""

import numpy as np

from superpos.condition import Condition
from superpos.data import Draw, threshold, values
from superpos.kernels import laws

KERNEL = laws.FEATURES


def sample(condition: Condition, draw: Draw, samples: int) -> np.ndarray:
    """x [sample, feature]: one uniform word both gates (below T) and gives the value (word / T)."""
    words = draw(0, samples * condition.n_features).reshape(samples, -1)
    below = threshold(condition.densities())
    return np.where(words < below, values(words, condition.data.signed, below), np.float32(0))


def units(condition: Condition) -> np.ndarray:
    """p [unit]: the units are the features."""
    return condition.densities()


def fill(condition: Condition, on: np.ndarray, draw: Draw) -> np.ndarray:
    """x [sample, feature] given which features are on [sample, unit]."""
    words = draw(0, on.size).reshape(on.shape)
    return np.where(on, values(words, condition.data.signed), np.float32(0))
