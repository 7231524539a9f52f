"""Norms of W, b and the hidden vectors over the number of training samples."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos import theory
from superpos.config.needs import Needs
from superpos.papers.double_descent import measures
from superpos.papers.double_descent.marks import (
    FEATURES,
    SAMPLES,
    over_sets,
    samples_axis,
    training_sets,
)
from superpos.papers.double_descent.measures import T
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "Left: the norms of W and b as the number T of training samples grows: their means over the training"
    " sets (lines) and each set (dots). Dashed: the smallest regular polygon that stores all T samples"
    " exactly; dotted: the best pentagon of features. Right: the longest hidden vector of a training sample"
    " and the longest column of W, with the radius of that polygon (dashed) and the length of the"
    " pentagon's columns (dotted). At T = ∞ (diamonds) each step has fresh samples. The norms at T = 30 and"
    " above still grow with the number of steps."
    " Section “From stored samples to features”."
)
SHOWN = (
    "Every run, one for each training set; none is chosen by its loss. A set of T samples is the first T"
    " of one longer set."
)
NEEDS = Needs(
    metrics=("frobenius", "bias_norm", "sample_norm", "feature_norm"),
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
    theory=("polygon_features",),
    fresh=("frobenius", "bias_norm", "feature_norm"),
)
LARGEST_POLYGON = 100
"""The polygon's norms are drawn up to this T."""


@styled
def draw(tables: Tables) -> Figure:
    """Draw norms of W and b on the left, and lengths of hidden vectors on the right."""
    figure = Figure(figsize=(8.2, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    norms = (
        ("‖W‖", FEATURES, measures.norm_W, _polygon_W, "frobenius"),
        ("‖b‖", MODEL_COLOURS[2], measures.norm_b, _polygon_b, "polygon_bias_norm"),
    )
    lengths = (
        ("longest h", SAMPLES, measures.longest_h, theory.polygon_radius, None),
        ("longest column of W", FEATURES, _longest_column, None, "norm"),
    )
    for ax, lines in ((left, norms), (right, lengths)):
        for line in lines:
            _line(ax, tables, *line)
        ax.set_yscale("log")
        samples_axis(ax, tables.runs[T].to_numpy(float))
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    left.set_ylabel("norm")
    right.set_ylabel("length")
    note(
        figure,
        f"{size(tables.runs)}; {training_sets(tables.runs)}. Dashed: the smallest regular polygon of all"
        " samples. Dotted: the best pentagon of features.",
    )
    return figure


def _line(
    ax: Axes,
    tables: Tables,
    name: str,
    colour: str,
    of: measures.OfEach,
    polygon: Callable[[int], float] | None,
    column: str | None,
) -> None:
    """Draw one norm over T, beside that of a polygon that stores samples and a pentagon that stores
    features."""
    over_sets(ax, tables.runs[T], of(tables), colour, label=name)
    if polygon:
        sizes = np.unique(tables.runs[T].dropna().clip(upper=LARGEST_POLYGON).to_numpy(int))
        ax.plot(
            sizes, [polygon(samples) for samples in sizes.tolist()], "--", color=colour, linewidth=1
        )
    if column:
        (rows,) = tables.theory.values()
        n = tables.runs["n_features"].iloc[0]
        pentagon = rows[(rows["n_features"] == n) & (rows["polygon"] == 5) & rows["biased"]]
        ax.axhline(pentagon[column].iloc[0], color=colour, linestyle=":", linewidth=1)


def _polygon_W(samples: int) -> float:
    return float(np.sqrt(samples) * theory.polygon_radius(samples))


def _polygon_b(samples: int) -> float:
    return float(np.sqrt(samples) * abs(theory.polygon_radius(samples) ** 2 - 1))


def _longest_column(t: Tables) -> np.ndarray:
    return measures.of_each(t, t.features, "feature_norm", np.max)
