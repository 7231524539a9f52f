"""Test loss or dimensionality over the number of training samples, a line for each value of a setting."""

from itertools import cycle
from typing import Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.metrics.regimes import STORED
from superpos.papers.double_descent.marks import excess_axis, over_sets, samples_axis, training_sets
from superpos.papers.double_descent.measures import T
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import MODELS
from superpos.plotting.style import FAINT, styled
from superpos.tables import Tables

CAPTION = (
    "The test loss minus 1, or the fifth largest dimensionality of a feature, over the number T of training"
    " samples: a line for each value of a setting through the means over the training sets, and a dot for"
    " each set. Where the horizontal axis is T(1 − S), it is the mean number of training samples in which"
    " a feature is active; the dotted line is the dimensionality above which we call a feature stored."
    " Sections “Appendix: weight decay and epochs” and “Comments: what sets the onset of features”."
)
SHOWN = (
    "Every run, one for each training set; none is chosen by its loss. A set of T samples is the first T"
    " of one longer set."
)
NEEDS = Needs(
    training_set=True,
    density=True,
    varied=("data.training_samples", "data.set"),
    metric_options=("height",),
    column_options=("line",),
)
NAMES = {
    "optimizer_weight_decay": "weight decay {:g}",
    "steps": "{:,} steps",
    "density": "1 − S = {:g}",
    "model": "{} model",
}


@styled
def draw(
    tables: Tables,
    line: Literal["optimizer_weight_decay", "steps", "density", "model"],
    height: Literal["loss", "fifth_dimensionality"] = "loss",
    occurrences: bool = False,
) -> Figure:
    """Draw `height` with a line for each value of a column.

    line: the column, with _ for the dot. occurrences: whether the horizontal axis is T (1 - S).
    """
    figure = Figure(figsize=(6.4, 3.9), layout="constrained")
    ax = figure.subplots()
    runs = tables.runs.sort_values([line, T])
    x = runs[T] * (runs["density"] if occurrences else 1)
    y = runs[height] - (height == "loss")
    values = sorted(runs[line].unique())
    for place, marker, value in zip(
        np.linspace(0, 0.85, len(values)), cycle("os^vD"), values, strict=False
    ):
        own = runs[line] == value
        colour = mpl.colors.to_hex(mpl.colormaps["viridis"](place))
        over_sets(
            ax,
            x[own],
            y[own].to_numpy(float),
            colour,
            label=_label(line, runs[own], len(runs["n_features"].unique()) > 1),
            marker=marker,
            markersize=5,
        )
    _scales(ax, runs, height, x, occurrences)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
    note(figure, _small_print(runs))
    return figure


def _scales(ax: Axes, runs: pd.DataFrame, height: str, x: pd.Series, occurrences: bool) -> None:
    if height == "loss":
        excess_axis(ax, int(runs["n_features"].iloc[0]))
        ax.set_ylabel("test loss − 1")
    else:
        ax.axhline(STORED, color=FAINT, linestyle=":", linewidth=1)
        ax.set_ylabel("fifth largest dimensionality")
    samples_axis(ax, x.to_numpy(float))
    if occurrences:
        ax.set_xlabel("T (1 − S)")


def _label(line: str, own: pd.DataFrame, of_several_sizes: bool) -> str:
    """The label of a line, which gives n if it differs between lines and is the same along this one."""
    value, sizes = own[line].iloc[0], own["n_features"].unique()
    name = NAMES[line].format(MODELS.get(value, value))
    return name + (f", n = {sizes[0]:,}" if of_several_sizes and len(sizes) == 1 else "")


def _small_print(runs: pd.DataFrame) -> str:
    """The text of the small print: the sizes of the models, and how many training sets there are."""
    sizes = runs.drop_duplicates(["n_features", "n_hidden"])
    models = " and ".join(
        f"n = {n:,}, m = {m}" for n, m in sizes[["n_features", "n_hidden"]].to_numpy()
    )
    return f"{models}; {training_sets(runs)}."
