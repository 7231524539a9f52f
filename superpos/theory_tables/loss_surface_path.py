"""Where the exact loss of 2 features in 1 dimension is least, without bias, as importance changes.

McGrath's comment under the section "Superposition as a Phase Change".
"""

from typing import Any

import pandas as pd

from superpos.grids import expand
from superpos.theory_tables import loss_surface


def table(density: float, importance: Any, weight: Any) -> pd.DataFrame:
    """A row an importance of the second feature: the least of its surface with W_1, or W_2, > 0."""
    points = [{"density": density, "importance": r} for r in expand("importance", importance)]
    surfaces = loss_surface.table(points, weight)
    half = surfaces[(surfaces["W_1"] > 0) | ((surfaces["W_1"] == 0) & (surfaces["W_2"] >= 0))]
    return half.loc[half.groupby("importance")["loss"].idxmin()].reset_index(drop=True)
