"""The minima of a loss surface over two weights, and how continuously a minimum moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from jaxtyping import Float

TIE = 1e-9
"""Relative difference up to which two losses count as equal."""


def loss_grid(
    surface: pd.DataFrame,
) -> tuple[Float[np.ndarray, " weight"], Float[np.ndarray, "weight weight"]]:
    """The weights along either axis, and the losses [W_2, W_1]."""
    ordered = surface.sort_values(["W_2", "W_1"])
    w = np.sort(surface["W_1"].unique())
    return w, ordered["loss"].to_numpy().reshape(-1, len(w))


def minima(surface: pd.DataFrame) -> list[tuple[float, float, float]]:
    """W_1, W_2 and loss of each local minimum inside the grid of one surface, smallest loss first.

    A minimum is a grid point that is below all eight neighbours, to a relative 1e-9. If a minimum lies
    between two grid points, each is below its seven other neighbours; then the first of them counts.
    """
    w, L = loss_grid(surface)
    padded = np.pad(L, 1, constant_values=-np.inf)
    n = len(L)
    around = [
        padded[1 + i : 1 + i + n, 1 + j : 1 + j + n]
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        if (i, j) != (0, 0)
    ]
    below = np.sum([other > (1 + TIE) * L for other in around], axis=0)
    level = np.sum([abs(other - L) <= TIE * L for other in around], axis=0)
    inside: list[np.ndarray] = []
    for point in np.argwhere((level <= 1) & (below + level == len(around))):
        if all(abs(point - other).max() > 1 for other in inside):
            inside.append(point)
    found = [(float(w[j]), float(w[i]), float(L[i, j])) for i, j in inside]
    return sorted(found, key=lambda minimum: minimum[2])


def without_sign(found: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """The minima with one of each pair W, -W left out."""
    return [m for m in found if m[0] > 1e-9 or (abs(m[0]) <= 1e-9 and m[1] >= 0)]


def largest_step(path: pd.DataFrame) -> float:
    """The largest distance in (W_1, W_2) from one point of a path to the next."""
    W = path.sort_values("importance")[["W_1", "W_2"]].to_numpy()
    return float(np.sqrt((np.diff(W, axis=0) ** 2).sum(1)).max())
