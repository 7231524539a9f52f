"""The exact loss of 2 features in 1 dimension over the plane of its weights, without bias.

McGrath's comment under the section "Superposition as a Phase Change".
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from superpos.config import ranges
from superpos.config.grids import expand
from superpos.theory import quadrature


def check(points: Sequence[Mapping[str, float]], weight: Any) -> None:
    """Raise a ValueError if a point lacks a density in (0, 1] or an importance, or the grid is too large."""
    for point in points:
        if not isinstance(point, Mapping) or set(point) != {"density", "importance"}:
            raise ValueError(f"points: {point!r}; give mappings of density and importance")
        ranges.refuse_outside("density", [point["density"]], 1e-9, 1)
        ranges.refuse_outside("importance", [point["importance"]], 0, 1e9)
    ranges.few(len(points) * ranges.axis("weight", weight, -1e3, 1e3) ** 2)


def table(points: Sequence[Mapping[str, float]], weight: Any) -> pd.DataFrame:
    """A row for each point (density, importance of the second feature) and pair of weights W_1, W_2."""
    weights = expand("weight", weight)
    return pd.concat([_surface(weights, **point) for point in points], ignore_index=True)


def _surface(weights: list[float], density: float, importance: float) -> pd.DataFrame:
    first, second = (axis.ravel() for axis in np.meshgrid(weights, weights))
    axis, of = np.array(weights), np.array([1.0, importance])
    losses = quadrature.losses_over_weights(axis, axis, of, density).ravel()
    return pd.DataFrame(
        {"density": density, "importance": importance, "W_1": first, "W_2": second, "loss": losses}
    )
