"""Correlated and anticorrelated sets in two dimensions (F10).

ASSUME: the paper does not state the density; .05 is drawn, others are measured.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure

from superpos import sets
from superpos.condition import Positive
from superpos.figures._marks import note
from superpos.figures._rows import weights
from superpos.figures._sets import solution
from superpos.figures._style import styled
from superpos.tables import Tables

CAPTION = (
    "Solutions of models of correlated and anticorrelated sets in two dimensions, a colour a set,"
    " on the unit circle, relabelled, turned and flipped to a common orientation. Correlated"
    " features are orthogonal, or side by side; anticorrelated ones are antipodal. The last panel is"
    " a failure of optimisation: a pair that collapsed. Section “Correlated and Anticorrelated"
    " Features”."
)
SECTION = "correlated"
SHOWN = (
    "The best replicates by held-out loss, and the first one with a collapsed set, to show the"
    " failure."
)
PANELS = 5
ROWS = (
    ("Two sets of two\ncorrelated features", {"data": "correlated", "data_sets": 2}),
    ("Two sets of two\nanticorrelated features", {"data": "anticorrelated", "data_sets": 2}),
    ("Three sets of two\ncorrelated features", {"data": "correlated", "data_sets": 3}),
)


@styled
def draw(tables: Tables, density: Positive) -> Figure:
    """Three rows of five panels at one density of the sets."""
    figure = Figure(figsize=(8.6, 6.6), layout="constrained")
    rows = [tables.where(density=density, **where) for _, where in ROWS]
    parts = figure.subfigures(3, 1)
    for part, row, (title, _), failure in zip(parts, rows, ROWS, (0, 0, 1), strict=True):
        _row(part, row, title, failure)
    note(figure, _text(rows, density))
    return figure


def _row(figure: SubFigure, row: Tables, title: str, failures: int) -> None:
    """The best runs by held-out loss, then the first replicates with one collapsed set."""
    axes = figure.subplots(1, PANELS)
    good = row.runs[row.runs["rank"] >= 0].sort_values("rank")[: PANELS - failures]
    shown = [*good.itertuples(), *_collapsed(row)[:failures]]
    for ax in axes[len(shown) :]:
        ax.set_axis_off()
    for ax, run in zip(axes, shown, strict=False):
        solution(ax, _weights(row, run.replicate), int(run.data_sets))
        failed = "\nan optimisation failure" if run.rank >= len(good) else ""
        ax.set_title(f"replicate {run.replicate}\nloss {run.loss:.3g}{failed}", y=-0.02, va="top",
                     fontsize=7.5)  # fmt: skip
    figure.suptitle(title.replace("\n", " "), fontsize=10)


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


def _text(rows: list[Tables], density: float) -> str:
    counts = sorted({int((row.runs["rank"] >= 0).sum()) for row in rows})
    third = rows[2]
    failed = sum(
        sets.collapsed(_weights(third, k), int(n)).any()
        for k, n in zip(third.runs["replicate"], third.runs["data_sets"], strict=True)
    )
    return (
        f"A set is on with probability {density:g}. Shown: the best of"
        f" {' or '.join(map(str, counts))} replicates by held-out loss, five, or four and the first"
        f" replicate with one collapsed set.\nOf {len(third.runs)} replicates of the third row,"
        f" {failed} have a collapsed set."
    )
