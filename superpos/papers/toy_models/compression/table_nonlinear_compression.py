"""Two features in one number by a nonlinear code, with its jumps smoothed (appendix).

t = (floor(Z x) + y) / Z keeps x's cell of width 1 / Z in its leading digits and y in the rest.
"""

from typing import Any

import numpy as np
import pandas as pd

from superpos.config import ranges
from superpos.config.condition import Count
from superpos.config.grids import expand

SAMPLES = 1000
"""Midpoints an axis; the loss is exact to about 1e-6."""


def check(cells: list[int], ramp: Any) -> None:
    """Cells are whole numbers, ramps parts of a cell; a row takes a million evaluations."""
    ranges.within("cells", cells, 1, SAMPLES)
    ranges.few(1000 * len(cells) * ranges.axis("ramp", ramp, 0, 1))


def table(cells: list[Count], ramp: Any) -> pd.DataFrame:
    """A row a number of cells Z and ramp width: `loss`, E (x - x^)^2 + (y - y^)^2."""
    pairs = [(z, width) for z in cells for width in expand("ramp", ramp)]
    return pd.DataFrame(
        {
            "cells": [z for z, _ in pairs],
            "ramp": [width for _, width in pairs],
            "loss": [loss(z, width) for z, width in pairs],
        }
    )


def loss(cells: int, ramp: float) -> float:
    """E (x - x^)^2 + (y - y^)^2 for x, y independent U[0, 1].

    ASSUME: the paper says only that jumps become ramps of width epsilon; ours take the last epsilon of
    each cell, of x when encoding and of t when decoding, and x is decoded as its cell's centre.
    """
    x = ((np.arange(SAMPLES) + 0.5) / SAMPLES)[:, None]
    y = x.T
    decoded_x, decoded_y = decode(encode(x, y, cells, ramp), cells, ramp)
    return float(((decoded_x - x) ** 2 + (decoded_y - y) ** 2).mean())


def encode(x: np.ndarray, y: np.ndarray, cells: int, ramp: float) -> np.ndarray:
    """t = (floor(Z x) + y) / Z, the floor with ramps."""
    cell, within = np.divmod(cells * x, 1)
    return (cell + _ramp(within, ramp) + y) / cells


def decode(t: np.ndarray, cells: int, ramp: float) -> tuple[np.ndarray, np.ndarray]:
    """x^, the centre of t's cell, and y^, the place within it; both with ramps."""
    cell, within = np.divmod(cells * t, 1)
    up = _ramp(within, ramp)
    return (cell + 0.5 + up) / cells, np.where(up > 0, (1 - ramp) * (1 - up), within)


def _ramp(within: np.ndarray, ramp: float) -> np.ndarray:
    """0, then up to 1 over the last `ramp` of a cell."""
    return np.maximum(0, (within - 1 + ramp) / ramp) if ramp > 0 else np.zeros_like(within)
