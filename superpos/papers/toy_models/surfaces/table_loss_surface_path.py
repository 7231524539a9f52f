"""The minimum of the exact loss of 2 features in 1 dimension, without bias, as importance changes.

McGrath's comment under the section "Superposition as a Phase Change".
"""

from typing import Any

import numpy as np
import pandas as pd

from superpos.config import ranges
from superpos.config.grids import expand
from superpos.theory import quadrature


def check(density: float, importance: Any, weight: Any) -> None:
    """Raise a ValueError if density or importances are out of range, or the surfaces too large."""
    ranges.refuse_outside("density", [density], 1e-9, 1)
    surfaces = ranges.axis("importance", importance, 0, 1e9)
    ranges.few(surfaces * ranges.axis("weight", weight, -1e3, 1e3) ** 2 // 10)


def table(density: float, importance: Any, weight: Any) -> pd.DataFrame:
    """A row for each importance of the second feature: its surface's minimum with W_1, or W_2, > 0."""
    weights = np.array(expand("weight", weight))
    minima = [_minimum(weights, density, r) for r in sorted(expand("importance", importance))]
    return pd.DataFrame(minima)


def _minimum(weights: np.ndarray, density: float, importance: float) -> dict[str, float]:
    """The smallest loss with W_1 > 0, or with W_1 = 0 and W_2 >= 0: -W loses as much as W."""
    first, of = weights[weights >= 0], np.array([1.0, importance])
    losses = quadrature.losses_over_weights(first, weights, of, density)
    losses[np.ix_(weights < 0, first == 0)] = np.inf
    i, k = np.unravel_index(losses.argmin(), losses.shape)
    at = {"W_1": first[k], "W_2": weights[i], "loss": losses[i, k]}
    return {"density": density, "importance": importance, **at}
