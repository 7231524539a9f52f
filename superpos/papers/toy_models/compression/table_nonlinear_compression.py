"""Two features in one number by a nonlinear code, with its jumps smoothed (appendix).

t = (floor(Z x) + y) / Z keeps x's cell of width 1 / Z in its leading digits and y in the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from superpos.config import ranges
from superpos.config.condition import Count
from superpos.config.grids import expand

if TYPE_CHECKING:
    from jaxtyping import Float

SAMPLES = 1000
"""Midpoints along each axis; the loss is exact to about 1e-6."""


def check(cells: list[int], ramp: Any) -> None:
    """Raise a ValueError if cells or ramps are out of range, or too many: a row takes 10⁶ evaluations."""
    ranges.refuse_outside("cells", cells, 1, SAMPLES)
    ranges.few(1000 * len(cells) * ranges.axis("ramp", ramp, 0, 1))


def table(cells: list[Count], ramp: Any) -> pd.DataFrame:
    """A row for each number of cells Z and ramp width, with `loss` = E (x - x̂)² + (y - ŷ)²."""
    pairs = [(z, width) for z in cells for width in expand("ramp", ramp)]
    return pd.DataFrame(
        {
            "cells": [z for z, _ in pairs],
            "ramp": [width for _, width in pairs],
            "loss": [code_loss(z, width) for z, width in pairs],
        }
    )


def code_loss(cells: int, ramp: float) -> float:
    """E (x - x̂)² + (y - ŷ)² for x, y independent from U[0, 1].

    ASSUME: the paper says only that jumps become ramps of width epsilon; ours take up the last epsilon
    of each cell, of x when encoding and of t when decoding, and x is decoded as its cell's centre.
    """
    x = ((np.arange(SAMPLES) + 0.5) / SAMPLES)[:, None]
    y = x.T
    decoded_x, decoded_y = decode(encode(x, y, cells, ramp), cells, ramp)
    return float(((decoded_x - x) ** 2 + (decoded_y - y) ** 2).mean())


def encode(
    x: Float[np.ndarray, " ..."], y: Float[np.ndarray, " ..."], cells: int, ramp: float
) -> Float[np.ndarray, " ..."]:
    """t = (floor(Z x) + y) / Z, with ramps in place of the floor's jumps; x and y broadcast together."""
    cell, within = np.divmod(cells * x, 1)
    return np.asarray((cell + _ramp(within, ramp) + y) / cells)


def decode(
    t: Float[np.ndarray, " *sample"], cells: int, ramp: float
) -> tuple[Float[np.ndarray, " *sample"], Float[np.ndarray, " *sample"]]:
    """x̂, the centre of t's cell, and ŷ, the position within it; both with ramps."""
    cell, within = np.divmod(cells * t, 1)
    up = _ramp(within, ramp)
    return (cell + 0.5 + up) / cells, np.where(up > 0, (1 - ramp) * (1 - up), within)


def _ramp(within: np.ndarray, ramp: float) -> np.ndarray:
    """0, rising to 1 over the last `ramp` of a cell."""
    return np.maximum(0, (within - 1 + ramp) / ramp) if ramp > 0 else np.zeros_like(within)
