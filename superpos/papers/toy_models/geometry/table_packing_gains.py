"""The gain of polytopes per dimension: why features form pairs (section "The Geometry of Superposition")."""

import numpy as np
import pandas as pd

from superpos import lookup, theory
from superpos.config import ranges
from superpos.config.condition import Count, Data
from superpos.config.grids import to_six_digits
from superpos.metrics.exact_loss import exact_loss

RELU = lookup.load("model", "relu_output").VARIANT
DATA = Data(name="independent")
HALVINGS = 12
"""Halvings of the search's step, from 0.1 to 5e-5, at which the loss is flat to ten digits."""


def check(first: float, last: float, count: int) -> None:
    """Raise a ValueError if a value of 1 / (1 - S) is below 1 or there are too many."""
    ranges.refuse_outside("first", [first], 1, 1e9)
    ranges.refuse_outside("last", [last], 1, 1e9)
    ranges.few(count)


def table(first: float, last: float, count: Count) -> pd.DataFrame:
    """The gain (k v - L) / (d v) of k features in d dimensions at 1 / (1 - S) from first to last.

    L is the exact loss at the best common norm, bias and, for the antiprism, height; v is the loss of
    an ignored feature. The gain of a dedicated feature is 1. The columns are shape, sparsity, gain, norm and
    bias.
    """
    sparsity = np.array([to_six_digits(x) for x in np.geomspace(first, last, count)])
    return pd.concat([_shape(name, sparsity) for name in SHAPES], ignore_index=True)


def _antiprism(height: np.ndarray) -> np.ndarray:
    """Unit vectors [.., 8, 3] of two squares turned by 45 degrees, at +height and -height."""
    level = np.where(np.arange(8) % 2, -1, 1) * height[..., None]
    around = np.sqrt(1 - level**2)[..., None] * theory.regular_polygon(8)
    return np.concatenate([around, level[..., None]], axis=-1)


def _tetrahedron() -> np.ndarray:
    signs = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    return np.asarray(signs / np.sqrt(3))


SHAPES = {
    "dedicated": np.eye(1),
    "digon": np.array([[1.0], [-1.0]]),
    "triangle": theory.regular_polygon(3),
    "tetrahedron": _tetrahedron(),
    "pentagon": theory.regular_polygon(5),
    "hexagon": theory.regular_polygon(6),
    "square antiprism": _antiprism(np.array(3**-0.5)),
}


def _shape(name: str, sparsity: np.ndarray) -> pd.DataFrame:
    k, d = SHAPES[name].shape
    p = 1 / sparsity
    norm, bias, _ = found = _search(name, p)
    v = theory.variance(p)
    gain = (k * v - _losses(name, p, found)) / (d * v)
    return pd.DataFrame(
        {"shape": name, "sparsity": sparsity, "gain": gain, "norm": norm, "bias": bias}
    )


def _losses(name: str, p: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Exact loss [density] at norm, bias and height [3, density]; one vertex stands for all equal ones."""
    norm, bias, height = at
    vectors = _antiprism(height) if name == "square antiprism" else SHAPES[name]
    W = norm[:, None, None] * vectors
    ones = np.ones(W.shape[:2])
    first = np.where(np.arange(W.shape[1]) == 0, float(W.shape[1]), 0.0) * ones
    return exact_loss(W, bias[:, None] * ones, first, p[:, None] * ones, RELU, DATA)


def _search(name: str, p: np.ndarray) -> np.ndarray:
    """Norm, bias and height [3, density] of the smallest loss, by steps along each axis that are halved
    when none helps."""
    at = np.stack([np.ones_like(p), np.zeros_like(p), np.full_like(p, 3**-0.5)])
    best = _losses(name, p, at)
    axes = 3 if name == "square antiprism" else 2
    step = 0.1
    for _ in range(HALVINGS):
        helped = True
        while helped:
            helped = False
            for axis in range(axes):
                for sign in (1, -1):
                    tried = at.copy()
                    tried[axis] += sign * step
                    loss = _losses(name, p, tried)
                    better = loss < best
                    at, best = np.where(better, tried, at), np.where(better, loss, best)
                    helped |= bool(better.any())
        step /= 2
    return at
