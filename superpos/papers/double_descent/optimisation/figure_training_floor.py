"""The smallest training losses of memorising and of generalising runs, and three ways to choose a run."""

import itertools

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.double_descent.marks import (
    FEATURES,
    SAMPLES,
    excess_axis,
    samples_axis,
)
from superpos.papers.double_descent.measures import T
from superpos.papers.double_descent.optimisation.memorising_runs import MEMORISES, TRAINED_ON
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "Is the middle regime a failure of optimisation? Left: the training loss of every run at several"
    " learning rates, and lines through the smallest of the runs that memorise and of those that"
    " generalise; a run memorises if its fifth largest feature dimensionality is below 0.1. Dashed lines,"
    " if there are any: runs that start from the weights that fewer samples gave. Right, without these:"
    " the test loss minus 1 of the run with the smallest training loss, of the run with the smallest test"
    " loss, and the mean of all runs at the paper's rate of 0.001. Choosing by test loss hides double"
    " descent; choosing by training loss does not. Circuits Updates, July 2023; section “Correction”."
)
SHOWN = (
    "Left: every run. Right: at each T the run with the smallest training loss and the run with the"
    " smallest test loss, of all learning rates, from drawn weights."
)
NEEDS = Needs(
    metrics=("fifth_dimensionality",),
    training_set=True,
    by=("data_training_samples", "optimizer_lr"),
)
RATE = 0.001
"""PAPER: the learning rate."""


@styled
def draw(tables: Tables) -> Figure:
    """Draw training losses on the left and test losses on the right."""
    figure = Figure(figsize=(8.2, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    runs = tables.runs.sort_values(T)
    drawn = runs[TRAINED_ON].isna() if TRAINED_ON in runs else pd.Series(True, index=runs.index)
    _training(left, runs, drawn)
    if drawn.any():
        _test(right, runs[drawn])
    else:
        right.set_axis_off()
    for ax in (left, right) if drawn.any() else (left,):
        samples_axis(ax, runs[T].to_numpy(float))
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1)
    note(figure, f"{size(runs)}; {_how_many(runs[drawn])}{_said_of_continued(runs[~drawn])}.")
    return figure


def _how_many(runs: pd.DataFrame) -> str:
    rates = ", ".join(f"{rate:g}" for rate in sorted(runs["optimizer_lr"].unique()))
    each = runs.groupby([T, "optimizer_lr"]).size()
    return f"learning rates {rates}; {each.max()} runs for each T and rate"


def _said_of_continued(runs: pd.DataFrame) -> str:
    """The words for the runs that start from the weights of fewer samples; "" if there is none."""
    if runs.empty:
        return ""
    before = " or ".join(f"{int(count):,}" for count in sorted(runs[TRAINED_ON].unique()))
    return f"; {len(runs)} runs from the weights that {before} samples gave"


def _training(ax: Axes, runs: pd.DataFrame, drawn: pd.Series) -> None:
    _floors(ax, runs[drawn], "os", "-")
    if not drawn.all():
        starts = runs[~drawn].groupby(TRAINED_ON)
        for (count, part), marker in zip(starts, itertools.cycle("DX^v"), strict=False):
            _floors(ax, part, 2 * marker, "--", f", from {int(count):,} samples")
    ax.set_ylabel("training loss")


def _floors(ax: Axes, runs: pd.DataFrame, markers: str, line: str, start: str = "") -> None:
    """Mark every run, and draw lines through the smallest losses of memorising and of generalising runs."""
    memorises = runs["fifth_dimensionality"] < MEMORISES
    kinds = ((memorises, SAMPLES, "memorising"), (~memorises, FEATURES, "generalising"))
    for (which, colour, name), marker in zip(kinds, markers, strict=True):
        own = runs[which]
        if own.empty:
            continue
        ax.plot(own[T], own["training_loss"], marker, color=colour, markersize=4, alpha=0.35,
                markeredgewidth=0)  # fmt: skip
        least = own.groupby(T)["training_loss"].min()
        # Open, because continued runs may have the losses of the others.
        width, fill = (8, "none") if start else (5, "full")
        ax.plot(least.index, least, line, marker=marker, markersize=width, fillstyle=fill, color=colour,
                label=name + start)  # fmt: skip


def _test(ax: Axes, runs: pd.DataFrame) -> None:
    usual = runs[runs["optimizer_lr"] == RATE].groupby(T)["loss"].mean()
    for values, colour, marker, name in (
        (_of_smallest(runs, "training_loss"), SAMPLES, "o", "smallest training loss"),
        (_of_smallest(runs, "loss"), MODEL_COLOURS[2], "^", "smallest test loss"),
        (usual, INK, "v", f"mean at a rate of {RATE}"),
    ):
        ax.plot(
            values.index, values - 1, "-", marker=marker, color=colour, markersize=5, label=name
        )
    excess_axis(ax, int(runs["n_features"].iloc[0]))
    ax.set_ylabel("test loss − 1")


def _of_smallest(runs: pd.DataFrame, column: str) -> pd.Series:
    """At each T, the test loss of the run with the smallest value in a column."""
    found: pd.Series = runs.loc[runs.groupby(T)[column].idxmin()].set_index(T)["loss"]
    return found
