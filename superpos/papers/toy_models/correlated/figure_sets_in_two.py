"""Correlated and anticorrelated sets in two dimensions (F10).

ASSUME: the paper does not state the density; 0.05 is drawn, others are measured.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure

from superpos.config.condition import Positive
from superpos.config.needs import Needs
from superpos.papers.toy_models.correlated import sets
from superpos.papers.toy_models.correlated.set_marks import solution
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import candidates, weights
from superpos.plotting.style import styled
from superpos.tables import Tables

CAPTION = (
    "Models of correlated and anticorrelated sets in two dimensions. Each line leads to a feature, each"
    " colour is a set, and the circle is the unit circle. The solutions are relabelled, turned and flipped"
    " to a common orientation. Correlated features are orthogonal, or side by side if they cannot be;"
    " anticorrelated ones point in opposite directions. In the last panel the optimisation failed and a pair"
    " collapsed. The models are at rest. Section “Correlated and Anticorrelated Features”."
)
NEEDS = Needs(
    n_hidden=2,
    density=True,
    by=("data", "data_sets", "n_features", "density"),
    of_sets=True,
    density_options=("density",),
)
SHOWN = (
    "The best replicates by held-out loss are shown, and the first one with a collapsed set, which is a"
    " failure."
)
PANELS = 5
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


@styled
def draw(tables: Tables, density: Positive) -> Figure:
    """Draw a row of five panels for each kind of sets, at one density of the sets."""
    rows = _rows(tables.where(density=float(density)))
    figure = Figure(figsize=(8.6, 2.3 * len(rows)), layout="constrained")
    failures = [int(_sets(row) > 2) for row in rows]
    heights = [1 + 0.16 * count for count in failures]
    parts = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, row, failed in zip(parts, rows, failures, strict=True):
        _row(part, row, failed)
    note(figure, _small_print(rows, density))
    return figure


def _rows(tables: Tables) -> list[Tables]:
    """The runs of each kind of sets, fewer sets first, then correlated before anticorrelated ones."""
    kinds = tables.runs[["data_sets", "data", "n_features"]].drop_duplicates()
    kinds = kinds[kinds["data_sets"] > 1].sort_values(list(kinds), ascending=[True, False, True])
    return [tables.where(**{str(k): v for k, v in kind.items()}) for _, kind in kinds.iterrows()]


def _sets(row: Tables) -> int:
    return int(row.runs["data_sets"].iloc[0])


def _title(row: Tables) -> str:
    n, data = _sets(row), row.runs["data"].iloc[0]
    size = int(row.runs["n_features"].iloc[0]) // n
    counted, each = (NUMBERS[k] if k < len(NUMBERS) else str(k) for k in (n, size))
    kind = {"one_set": "features, one set at a time"}.get(data, f"{data} features")
    return f"{counted} sets of {each.lower()} {kind}"


def _row(figure: SubFigure, row: Tables, failures: int) -> None:
    """The best runs by held-out loss, followed by the first replicates with one collapsed set."""
    axes = figure.subplots(1, PANELS)
    good = row.runs[row.runs["rank"] >= 0].sort_values("rank")[: PANELS - failures]
    shown = [*good.itertuples(), *_collapsed(row)[:failures]]
    for ax in axes[len(shown) :]:
        ax.set_axis_off()
    for ax, run in zip(axes, shown, strict=False):
        solution(ax, _weights(row, run.replicate), _sets(row))
        failed = "\nan optimisation failure" if run.rank >= len(good) else ""
        ax.set_title(f"replicate {run.replicate}\nloss {run.loss:.3g}{failed}", y=-0.05, va="top",
                     fontsize=8)  # fmt: skip
    figure.suptitle(_title(row), fontsize=10)


def _collapsed(row: Tables) -> list[pd.Series]:
    """The runs with exactly one collapsed set, by replicate."""
    runs = row.runs.sort_values("replicate")
    return [
        run
        for run in runs.itertuples()
        if sets.collapsed(_weights(row, run.replicate), int(run.data_sets)).sum() == 1
    ]


def _weights(row: Tables, replicate: int) -> np.ndarray:
    features = row.features[row.features["replicate"] == replicate]
    return weights(features.sort_values("feature"))


def _small_print(rows: list[Tables], density: float) -> str:
    last = rows[-1]
    failed = sum(
        sets.collapsed(_weights(last, k), _sets(last)).any() for k in last.runs["replicate"]
    )
    name = ("", "first", "second", "third")[len(rows)] if len(rows) < 4 else "last"
    return (
        f"A set is active with probability {density:g}. Each row shows the best of"
        f" {candidates(rows)} replicates by held-out loss.\nThe last panel is the first replicate with one"
        f" collapsed set: {failed} of the {len(last.runs)} replicates of the {name} row have a collapsed set."
    )
