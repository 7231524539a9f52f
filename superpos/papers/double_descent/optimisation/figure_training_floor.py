"""The smallest training losses of memorising and of generalising runs, and three ways to choose a run."""

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
from superpos.papers.double_descent.optimisation.claims_training_floor import MEMORISES
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "Is the middle regime a failure of optimisation? Left: the training loss of every run at several"
    " learning rates, and lines through the smallest of the runs that memorise and of those that"
    " generalise; a run memorises if its fifth largest feature dimensionality is below 0.1. Right: the test"
    " loss minus 1 of the run with the smallest training loss, of the run with the smallest test loss, and"
    " the mean of all runs at the paper's rate of 0.001. Choosing by test loss hides double descent;"
    " choosing by training loss does not. Circuits Updates, July 2023; section “Correction”."
)
SHOWN = (
    "Left: every run. Right: at each T the run with the smallest training loss and the run with the"
    " smallest test loss, of all learning rates."
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
    _training(left, runs)
    _test(right, runs)
    for ax in (left, right):
        samples_axis(ax, runs[T].to_numpy(float))
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1)
    rates = ", ".join(f"{rate:g}" for rate in sorted(runs["optimizer_lr"].unique()))
    each = runs.groupby([T, "optimizer_lr"]).size()
    note(figure, f"{size(runs)}; learning rates {rates}; {each.max()} runs for each T and rate.")
    return figure


def _training(ax: Axes, runs: pd.DataFrame) -> None:
    memorises = runs["fifth_dimensionality"] < MEMORISES
    for which, colour, marker, name in (
        (memorises, SAMPLES, "o", "memorising"),
        (~memorises, FEATURES, "s", "generalising"),
    ):
        own = runs[which]
        ax.plot(own[T], own["training_loss"], marker, color=colour, markersize=4, alpha=0.35,
                markeredgewidth=0)  # fmt: skip
        least = own.groupby(T)["training_loss"].min()
        ax.plot(least.index, least, "-", marker=marker, color=colour, markersize=5, label=name)
    ax.set_ylabel("training loss")


def _test(ax: Axes, runs: pd.DataFrame) -> None:
    usual = runs[runs["optimizer_lr"] == RATE].groupby(T)["loss"].mean()
    for values, colour, marker, name in (
        (_of_smallest(runs, "training_loss"), SAMPLES, "o", "smallest training loss"),
        (_of_smallest(runs, "loss"), MODEL_COLOURS[2], "^", "smallest test loss"),
        (usual, INK, "D", f"mean at a rate of {RATE}"),
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
