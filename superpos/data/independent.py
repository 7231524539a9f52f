"""Independent features: x_i is 0 with probability S = 1 - p_i, else uniform."""

import numpy as np

from superpos.config.condition import Condition
from superpos.data import Draw, columns, threshold, values
from superpos.numerics import kernel_codes

KERNEL = kernel_codes.FEATURES


def check(condition: Condition) -> None:
    """Raise a ValueError where sets are asked for, which independent features do not form."""
    if condition.data.sets is not None:
        raise ValueError(
            f"data.sets {condition.data.sets} has no effect on independent features; leave it out"
        )


def sample(condition: Condition, draw: Draw, samples: int) -> np.ndarray:
    """x [sample, feature]: one uniform word both gates (below T) and gives the value."""
    return part(condition, draw, samples, 0, condition.n_features)


def part(condition: Condition, draw: Draw, samples: int, first: int, stop: int) -> np.ndarray:
    """The features first to stop of `sample`."""
    words = columns(draw, 0, (samples, condition.n_features), first, stop)
    below = threshold(condition.densities()[first:stop])
    return np.where(words < below, values(words, condition.data.signed, below), np.float32(0))


def units(condition: Condition) -> np.ndarray:
    """p [unit]: the units are the features."""
    return condition.densities()


def moments(condition: Condition) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of x_i, [feature]: p/2 and p/3 - p^2/4, or 0 and p/3 where signed."""
    p = condition.densities()
    mean = np.zeros_like(p) if condition.data.signed else p / 2
    return mean, p / 3 - mean**2


def fill(condition: Condition, on: np.ndarray, draw: Draw) -> np.ndarray:
    """x [sample, feature] given which features are on [sample, unit]."""
    words = draw(0, on.size).reshape(on.shape)
    return np.where(on, values(words, condition.data.signed), np.float32(0))
