"""Test loss, dimensionalities and vectors over the number of training samples."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.condition import Count
from superpos.config.needs import Needs
from superpos.papers.double_descent.marks import (
    FEATURES,
    SAMPLES,
    by_size,
    drawn_vectors,
    excess_axis,
    first_set,
    over_sets,
    placed,
    samples_axis,
    training_sets,
    vector_rows,
)
from superpos.papers.double_descent.measures import T
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import FAINT, INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "From stored samples to stored features, as the number T of training samples grows. Top: the test loss"
    " minus 1, the loss of a model that always answers 0: its mean over the training sets (line) and each"
    " set (dots), the median test sample and the 0.99 quantile, and two losses by theory: that of the mean"
    " of each feature as the only output, and that of a pentagon of features. Middle: the dimensionality of"
    " each feature and of each training sample, with m/T, the mean of the latter if they fill the space."
    " At T = ∞ each step has fresh samples. Below: the columns of W and the hidden vectors at some T, each"
    " panel on its own scale (its half width"
    " is below it). Section “From stored samples to features”."
)
SHOWN = (
    "Top: every run, one for each training set. Middle and below: the run on the first training set. On fresh"
    " samples, every run in the middle, and the first one below. No run is chosen by its loss. A set of T"
    " samples is the first T of one longer set."
)
NEEDS = Needs(
    metrics=("dimensionality", "sample_dimensionality", "loss_median", "loss_q99"),
    n_hidden=2,
    tied=True,
    relu_hidden=False,
    relu_output=True,
    absolute_target=False,
    data=("independent",),
    signed=False,
    training_set=True,
    unit_norm=True,
    density=True,
    varied=("data.training_samples", "data.set"),
    size_options=("vectors",),
    theory=("polygon_features",),
    fresh=("dimensionality", "loss_median", "loss_q99"),
)
SHIFT = 1.035
"""The factor by which features are shifted to the left of their T, and samples to the right."""


@styled
def draw(tables: Tables, vectors: Sequence[Count]) -> Figure:
    """Draw the loss and the dimensionalities over all T, and vectors at the given T."""
    parts = [
        (title, part)
        for title, part in by_size(tables)
        if part.runs[T].isna().all() or part.runs[T].iloc[0] in vectors
    ]
    figure = Figure(figsize=(8.2, 9.2), layout="constrained")
    curves, below = figure.subfigures(2, 1, height_ratios=[6, 3.2])  # type: ignore[misc]
    loss, dots = curves.subplots(2, 1, sharex=True)
    _losses(loss, tables)
    _dimensionalities(dots, tables)
    vector_rows(below.subplots(2, len(parts), squeeze=False), parts)
    small_print = f"{size(tables.runs)}; {training_sets(tables.runs)}. {drawn_vectors(tables)}"
    note(figure, small_print)
    return figure


def _losses(ax: Axes, tables: Tables) -> None:
    runs = tables.runs.sort_values(T)
    for column, colour, name in (
        ("loss_q99", MODEL_COLOURS[3], "0.99 quantile"),
        ("loss_median", MODEL_COLOURS[2], "median test sample"),
        ("loss", INK, "mean test loss"),
    ):
        over_sets(ax, runs[T], runs[column].to_numpy(float) - 1, colour, label=name)
    _levels(ax, tables)
    excess_axis(ax, int(runs["n_features"].iloc[0]))
    samples_axis(ax, runs[T].to_numpy(float), labelled=False)
    ax.set_ylabel("test loss − 1")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=5, columnspacing=1.2, handlelength=1.5)


def _levels(ax: Axes, tables: Tables) -> None:
    (rows,) = tables.theory.values()
    n = tables.runs["n_features"].iloc[0]
    row = rows[(rows["n_features"] == n) & (rows["polygon"] == 5) & rows["biased"]].iloc[0]
    for column, dashes, name in (("mean_loss", "--", "mean bias"), ("loss", "-.", "pentagon")):
        ax.axhline(row[column] - 1, color=FAINT, linestyle=dashes, linewidth=1, label=name)


def _dimensionalities(ax: Axes, tables: Tables) -> None:
    runs = tables.runs.sort_values(T)
    first, sizes = first_set(tables), runs[T].to_numpy(float)
    for rows, column, colour, shift, name in (
        (first.features, "dimensionality", FEATURES, 1 / SHIFT, "features"),
        (first.samples, "sample_dimensionality", SAMPLES, SHIFT, "training samples"),
    ):
        at = rows[T].fillna(placed(sizes).max()).to_numpy(float)
        ax.plot(at * shift, rows[column], "o", color=colour, markersize=2.5, alpha=0.5,
                markeredgewidth=0, rasterized=True, label=name)  # fmt: skip
    finite = np.geomspace(np.nanmin(sizes), np.nanmax(sizes), 100)
    ax.plot(finite, 2 / finite, ":", color=INK, linewidth=1, label="m/T")
    samples_axis(ax, sizes)
    ax.set_ylabel("dimensionality")
    ax.set_ylim(bottom=-0.01)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, markerscale=2)
