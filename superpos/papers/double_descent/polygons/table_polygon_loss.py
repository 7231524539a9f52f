"""The training loss of a regular polygon of T samples over its size.

The columns are samples (T), scale, radius (scale times that of the polygon with the smallest norm), beta
(the best value), loss (the loss with this beta, 2/3 (1 - scale²)² just below scale 1) and plain_loss (the
loss with beta = radius² - 1, at which each sample's own features are exact: 2 (1 - scale²)² just below
scale 1).
"""

from typing import Any

import pandas as pd

from superpos import theory
from superpos.config import ranges
from superpos.config.condition import Count
from superpos.config.grids import expand


def check(samples: list[int], scale: Any) -> None:
    """Raise a ValueError if samples or scales are out of range, or too many."""
    ranges.refuse_outside("samples", samples, 2, 1000)
    ranges.few(len(samples) * ranges.axis("scale", scale, 0, 10))


def table(samples: list[Count], scale: Any) -> pd.DataFrame:
    """A row for each number of samples and scale."""
    return pd.DataFrame([_row(T, s) for T in samples for s in expand("scale", scale)])


def _row(T: int, scale: float) -> dict[str, float]:
    radius = scale * theory.polygon_radius(T)
    loss, beta = theory.best_polygon_loss(T, radius)
    plain = theory.polygon_loss(T, radius, radius**2 - 1)
    shape = {"samples": T, "scale": scale, "radius": radius}
    return shape | {"beta": beta, "loss": loss, "plain_loss": plain}
