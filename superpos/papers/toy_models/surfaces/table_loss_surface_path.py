"""The minimum of the exact loss of 2 features in 1 dimension, without bias, as importance changes.

McGrath's comment under the section "Superposition as a Phase Change".
"""

from typing import Any

import pandas as pd

from superpos.config import ranges
from superpos.config.grids import expand
from superpos.papers.toy_models.surfaces import table_loss_surface


def check(density: float, importance: Any, weight: Any) -> None:
    """Raise a ValueError if density or importances are out of range, or the surfaces too large."""
    ranges.within("density", [density], 1e-9, 1)
    surfaces = ranges.axis("importance", importance, 0, 1e9)
    ranges.few(surfaces * ranges.axis("weight", weight, -1e3, 1e3) ** 2 // 10)


def table(density: float, importance: Any, weight: Any) -> pd.DataFrame:
    """A row for each importance of the second feature: its surface's minimum with W_1, or W_2, > 0."""
    points = [{"density": density, "importance": r} for r in expand("importance", importance)]
    surfaces = table_loss_surface.table(points, weight)
    half = surfaces[(surfaces["W_1"] > 0) | ((surfaces["W_1"] == 0) & (surfaces["W_2"] >= 0))]
    return half.loc[half.groupby("importance")["loss"].idxmin()].reset_index(drop=True)
