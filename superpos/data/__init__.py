"""Feature distributions: how x [sample, feature] is drawn. One file a distribution.

Each file has `sample`, a minibatch, and, where its units (features, or sets of features) are on
independently of each other, `units`, their probabilities, and `fill`, the values given which are on;
`moments`, where features are independent, their means and variances;
`marginals`, where a feature is not on with its condition's density, its own probabilities;
`part`, some columns of `sample`, by which large evaluation sets are drawn;
`check`, where there is one, raises a ValueError for a condition that the distribution cannot serve.
`draw(stream, count)` gives uint32 words, the same for the same stream.
"""

from collections.abc import Callable

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition

Draw = Callable[[int, int], np.ndarray]


def threshold(p: np.ndarray) -> np.ndarray:
    """T = round(p 2^32), uint64: a word below T is an event of probability p."""
    return np.rint(np.asarray(p) * 2.0**32).astype(np.uint64)


def uniform(words: np.ndarray, below: np.ndarray | int = 2**32) -> np.ndarray:
    """Words that are uniform below `below`, as float32 numbers in [0, 1]: (word // 2) x (2 / below).

    Halved, a word has no bit at a sign's place, and vector units turn it into a float at once.
    """
    half = (words >> np.uint32(1)).astype(np.float32)
    return half * (2.0 / np.asarray(below, np.float64)).astype(np.float32)


def values(words: np.ndarray, signed: bool, below: np.ndarray | int = 2**32) -> np.ndarray:
    """Feature values, float32: U[0, 1], or U[-1, 1] where signed."""
    u = uniform(words, below)
    return 2 * u - 1 if signed else u


def columns(draw: Draw, stream: int, shape: tuple[int, int], first: int, stop: int) -> np.ndarray:
    """The columns first to stop of a stream's words as a matrix of that shape.

    A `draw` with a `window` makes these alone.
    """
    if window := getattr(draw, "window", None):
        words: np.ndarray = window(stream, shape, first, stop)
        return words
    return draw(stream, shape[0] * shape[1]).reshape(shape)[:, first:stop]


def marginals(condition: Condition) -> np.ndarray:
    """P(x_i != 0) of each feature alone, [feature]; the density where a distribution says no other."""
    distribution = lookup.load("data", condition.data.name)
    if hasattr(distribution, "marginals"):
        return np.asarray(distribution.marginals(condition), np.float64)
    return condition.densities()


def set_density(condition: Condition) -> np.ndarray:
    """p [set] of equal sets of features, which must have one density within a set."""
    if condition.data.sets is None:
        raise ValueError(f"data.name {condition.data.name!r} needs data.sets, how many sets")
    by_set = condition.densities().reshape(condition.data.sets, -1)
    if (by_set != by_set[:, :1]).any():
        raise ValueError("density varies within a set: give one density a set")
    return by_set[:, 0]
