"""The gain of a polygon of features, with and without a bias, and the polygons that runs form."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.double_descent.measures import T
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "Five features or six? By theory, how far a regular polygon of k features lowers the loss below that of"
    " the mean bias alone, in units of 1/n, with its best bias and with none. With a bias, the hexagon is"
    " best, by little. If there are runs, the right panel shows their training losses by the number of"
    " features that they store: a dot for each run on one training set. Section “From stored samples to"
    " features”."
)
SHOWN = "Left: none, the gains are theory. Right: every run; none is chosen by its loss."
NEEDS = Needs(
    metrics=("features_above",),
    data=("independent",),
    signed=False,
    training_set=True,
    unit_norm=True,
    density=True,
    varied=("data.set",),
    theory=("polygon_features",),
)


@styled
def draw(tables: Tables) -> Figure:
    """Draw the gains over k, with the runs beside them if there are any."""
    (rows,) = tables.theory.values()
    any_runs = len(tables.runs) > 0
    figure = Figure(figsize=(7.6 if any_runs else 4.4, 3.4), layout="constrained")
    axes = figure.subplots(1, 1 + any_runs, squeeze=False)[0]
    _gains(axes[0], rows)
    if any_runs:
        _runs(axes[1], tables.runs)
        note(
            figure, f"{size(tables.runs)}, T = {tables.runs[T].iloc[0]:,}; {len(tables.runs)} runs."
        )
    return figure


def _gains(ax: Axes, rows: pd.DataFrame) -> None:
    largest = rows[rows["n_features"] == rows["n_features"].max()]
    for biased, colour, marker, name in (
        (True, MODEL_COLOURS[0], "o", "best bias"),
        (False, MODEL_COLOURS[1], "s", "no bias"),
    ):
        part = largest[largest["biased"] == biased]
        ax.plot(part["polygon"], part["gain"], "-", marker=marker, color=colour, label=name)
    ax.set(xlabel="features in the polygon, k", ylabel="gain over the mean bias, 1/n")
    ax.set_xticks(sorted(largest["polygon"].unique()))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)


def _runs(ax: Axes, runs: pd.DataFrame) -> None:
    ax.plot(runs["features_above"], runs["training_loss"], "o", color=MODEL_COLOURS[0], alpha=0.5,
            markeredgewidth=0)  # fmt: skip
    counts = runs["features_above"].value_counts().sort_index()
    ax.set_xticks(counts.index, labels=[f"{k:g}\n{n} runs" for k, n in counts.items()])
    ax.set(xlabel="stored features", ylabel="training loss")
    ax.margins(x=0.25)
