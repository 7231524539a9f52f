"""The solutions that the figure shows: the best run of each geometry, in a common orientation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.config.condition_table import RUN
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Float


def best_of_kind(tables: Tables, kind: int) -> pd.DataFrame:
    """At each relative density, the run with the lowest held-out loss among those that represent `kind`
    features.

    A digon solution has 4 and must leave out the varied feature.
    """
    chosen = tables.runs["represented"] == kind
    if kind == 4:
        chosen &= leaves_out_varied(tables, 0.1)
    runs = tables.runs[chosen].sort_values(["density_first_ratio", "selection_loss"])
    return runs.groupby("density_first_ratio", as_index=False).first()


def leaves_out_varied(tables: Tables, below: float) -> pd.Series:
    """For each of the `runs`, whether the varied feature, which is feature 0, has a norm `below` this."""
    own = tables.features[tables.features["feature"] == 0].set_index(RUN)["feature_norm"]
    norms = own.loc[pd.MultiIndex.from_frame(tables.runs[RUN])]
    return pd.Series(norms.to_numpy() < below, index=tables.runs.index)


def turned(W: Float[np.ndarray, "feature 2"]) -> Float[np.ndarray, "feature 2"]:
    """The solution turned so that feature 0 points up and its nearer neighbour is on the right.

    The other features are numbered in order around the circle. If feature 0 is not represented, they lie
    on the diagonals.
    """
    if (W[0] ** 2).sum() < 0.25:
        angle = np.arctan2(W[1, 1], W[1, 0]) - np.pi / 4
        found = _rotated(W, -angle)
        around = np.argsort(np.arctan2(found[1:, 1], found[1:, 0])) + 1
        return found[[0, *around]]
    found = _rotated(W, np.pi / 2 - np.arctan2(W[0, 1], W[0, 0]))
    clockwise = (np.pi / 2 - np.arctan2(found[1:, 1], found[1:, 0])) % (2 * np.pi)
    if clockwise.min() > 2 * np.pi - clockwise.max():
        found, clockwise = found * [-1, 1], 2 * np.pi - clockwise
    return found[[0, *(np.argsort(clockwise) + 1)]]


def _rotated(W: np.ndarray, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([c * W[:, 0] - s * W[:, 1], s * W[:, 0] + c * W[:, 1]], axis=1)
