"""The phase diagrams as arrays over density and importance, from the tables of runs and features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.metrics import feature_phases
from superpos.tables import Tables
from superpos.tables.remembering import remembered

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int, Shaped

POINT = ["density", "importance_last"]
"""The columns that name a point of a diagram."""
TEN = 10
"""PAPER: ten models are trained at each point, and the mean leaves out the one with the highest loss."""


@dataclass(frozen=True)
class Maps:
    """What happens to the last feature at each point.

    norm, superposition and phase are those of the best run, mean_norm and mean_superposition the means
    over all runs except the worst. predicted is the phase according to the closed forms; phases are
    indices in `superpos.metrics.feature_phases.NAMES`. hits is the share of runs in the best run's phase,
    runs is the number of runs at a point, and shape is (n_features, n_hidden).
    """

    density: Float[np.ndarray, " density"]
    importance: Float[np.ndarray, " importance"]
    norm: Float[np.ndarray, "density importance"]
    superposition: Float[np.ndarray, "density importance"]
    phase: Int[np.ndarray, "density importance"]
    predicted: Int[np.ndarray, "density importance"]
    mean_norm: Float[np.ndarray, "density importance"]
    mean_superposition: Float[np.ndarray, "density importance"]
    hits: Float[np.ndarray, "density importance"]
    runs: int
    shape: tuple[int, int]


@remembered(
    *(*POINT, "replicate", "feature", "n_features", "n_hidden"),
    *("rank", "phase", "feature_norm", "superposition"),
)
def maps(tables: Tables) -> Maps:
    """The maps of one experiment; raises a ValueError if its sweep is not a full grid.

    Some runs of a point may be missing, because they diverged, but not all of them.
    """
    runs = tables.runs
    features = tables.features[tables.features["feature"] == tables.features["feature"].max()]
    axes = [np.sort(runs[axis].unique()) for axis in (*POINT, "replicate")]
    density, importance, _ = axes
    size = len(axes[0]), len(axes[1]), len(axes[2])
    if (
        runs.groupby(POINT).ngroups != size[0] * size[1]
        or runs.duplicated([*POINT, "replicate"]).any()
    ):
        raise ValueError(
            f"{len(runs)} runs are not a grid of {size[0]} densities by {size[1]} importances"
        )
    shape = int(runs["n_features"].iloc[0]), int(runs["n_hidden"].iloc[0])
    runs, features = (_on_grid(table, axes) for table in (runs, features))
    rank = runs["rank"].fillna(-1).to_numpy(int).reshape(size)
    phase = runs["phase"].to_numpy(float).reshape(size)
    norm, superposition = (
        features[c].to_numpy(float).reshape(size) for c in ("feature_norm", "superposition")
    )
    best = (rank.argmin(2) if size[2] == 1 else (rank == 0).argmax(2))[..., None]
    alone = rank.max(2, keepdims=True) < 1
    kept = (rank >= 0) & ((rank < rank.max(2, keepdims=True)) | alone)
    best_phase = np.take_along_axis(phase, best, 2)
    # If a point's only replicate is not the best, no run is left to average.
    with np.errstate(invalid="ignore"):
        mean_norm, mean_superposition = (
            np.where(kept, values, 0).sum(2) / kept.sum(2) for values in (norm, superposition)
        )
    return Maps(
        density,
        importance,
        np.take_along_axis(norm, best, 2)[..., 0],
        np.take_along_axis(superposition, best, 2)[..., 0],
        best_phase[..., 0].astype(int),
        feature_phases.predicted(*shape, importance, density[:, None]),
        mean_norm,
        mean_superposition,
        (phase == best_phase).sum(2) / np.isfinite(phase).sum(2),
        size[2],
        shape,
    )


def mean_of_nine(
    tables: Tables,
) -> tuple[Float[np.ndarray, "density importance"], Float[np.ndarray, "density importance"]]:
    """The means of norm and superposition over nine of the first ten runs at each point."""
    first = np.unique(tables.runs["replicate"])[:TEN]
    ten = maps(Tables(*(t[t["replicate"].isin(first)] for t in (tables.runs, tables.features))))
    return ten.mean_norm, ten.mean_superposition


def looks(
    norm: Float[np.ndarray, "density importance"],
    superposition: Float[np.ndarray, "density importance"],
) -> Int[np.ndarray, "density importance"]:
    """The phase that a norm and a superposition indicate if each is compared with one half.

    If another feature is ignored, or the others share a dimension, the last feature looks dedicated too.
    """
    ignored, dedicated, superposed = (
        feature_phases.NAMES.index(name) for name in ("ignored", "dedicated", "superposition")
    )
    return np.where(norm < 0.5, ignored, np.where(superposition < 0.5, dedicated, superposed))


def _on_grid(table: pd.DataFrame, axes: list[np.ndarray]) -> pd.DataFrame:
    """A row for each density, importance and replicate, in that order, with NaN for missing runs."""
    names = [*POINT, "replicate"]
    return table.set_index(names).reindex(pd.MultiIndex.from_product(axes, names=names))


def grid(table: pd.DataFrame, column: str) -> Shaped[np.ndarray, "density importance"]:
    """A column of a theory table as a grid over density and importance."""
    ordered = table.sort_values(["density", "importance"])
    values: np.ndarray = ordered[column].to_numpy().reshape(table["density"].nunique(), -1)
    return values


def agreement(
    found: Int[np.ndarray, "density importance"],
    predicted: Int[np.ndarray, "density importance"],
    counted: Bool[np.ndarray, "density importance"] | None = None,
) -> float:
    """The share of points, or of the counted points, that are in the predicted phase."""
    same = found == predicted
    return float(same.mean() if counted is None else same[counted].mean())


def far_from_boundary(m: Maps, decades: float) -> Bool[np.ndarray, "density importance"]:
    """The points that are at least `decades` in the log-log plane from any other predicted phase."""
    turns = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    far = np.ones(m.predicted.shape, bool)
    for radius in np.linspace(0, decades, 6)[1:]:
        for right, up in radius * np.stack([np.cos(turns), np.sin(turns)], 1):
            r, p = m.importance * 10**right, m.density[:, None] * 10**up
            far &= feature_phases.predicted(*m.shape, r, p) == m.predicted
    return far
