"""Where the exact loss of 2 features in 1 dimension is least, without bias, as importance changes.

McGrath's comment under the section "Superposition as a Phase Change".
"""

from typing import Any

import pandas as pd

from superpos.grids import expand
from superpos.theory_tables import _ranges, loss_surface


def check(density: float, importance: Any, weight: Any) -> None:
    """A density in (0, 1], importances >= 0; each importance has a surface of its own."""
    _ranges.within("density", [density], 1e-9, 1)
    surfaces = _ranges.axis("importance", importance, 0, 1e9)
    _ranges.few(surfaces * _ranges.axis("weight", weight, -1e3, 1e3) ** 2 // 10)


def table(density: float, importance: Any, weight: Any) -> pd.DataFrame:
    """A row an importance of the second feature: the least of its surface with W_1, or W_2, > 0."""
    points = [{"density": density, "importance": r} for r in expand("importance", importance)]
    surfaces = loss_surface.table(points, weight)
    half = surfaces[(surfaces["W_1"] > 0) | ((surfaces["W_1"] == 0) & (surfaces["W_2"] >= 0))]
    return half.loc[half.groupby("importance")["loss"].idxmin()].reset_index(drop=True)
