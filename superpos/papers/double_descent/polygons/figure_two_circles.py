"""Samples on two circles: the gap between the circles and the norm, by theory and in runs."""

from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos import theory
from superpos.config.needs import Needs
from superpos.papers.double_descent.measures import T
from superpos.papers.double_descent.polygons import rings
from superpos.plotting.marks import note
from superpos.plotting.style import INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "T samples can also be stored exactly on two circles, k of them on an inner one: this is no worse in"
    " training loss than the regular polygon, only larger in norm. Lines, by theory, over the radius of the"
    " inner circle and for each k: left, the angle that neighbours on different circles need; right, ‖W‖"
    " over that of the regular polygon. Marks: runs whose samples lie on two radii, filled if they"
    " store all samples. Comment by C. Olah; section “Few samples”."
)
SHOWN = (
    "Every run at these T whose smallest hidden vector is shorter than 0.8 of the largest; none is chosen"
    " by its loss."
)
NEEDS = Needs(
    metrics=("sample_angle", "sample_norm", "frobenius"),
    n_hidden=2,
    tied=True,
    relu_hidden=False,
    relu_output=True,
    absolute_target=False,
    training_set=True,
    unit_norm=True,
    theory=("two_circles",),
)
MEMORISED = 0.001
"""A run with a smaller training loss stores all samples."""
MOST_INSIDE = 4
"""Lines are drawn for at most this many samples on the inner circle."""
LARGEST_RATIO = 3.0
ORANGE = MODEL_COLOURS[1]


class TwoRadii(NamedTuple):
    """A run with two radii: the inner radius, the gap between the circles, and ‖W‖ relative to the
    polygon's."""

    inner: float
    gap: float
    ratio: float
    stored: bool


@styled
def draw(tables: Tables) -> Figure:
    """Draw a row for each T: the gap on the left, the norm on the right."""
    (rows,) = tables.theory.values()
    sizes = rows["samples"].unique()
    figure = Figure(figsize=(7.6, 2.9 * len(sizes) + 0.6), layout="constrained")
    axes = figure.subplots(len(sizes), 2, sharex="row", squeeze=False)
    counts = []
    for (left, right), samples in zip(axes, sizes, strict=True):
        runs = tables.runs[tables.runs[T] == samples]
        found = _two_radii(tables, runs)
        _lines(left, rows[rows["samples"] == samples], "gap_across", "angle across, degrees")
        _lines(right, rows[rows["samples"] == samples], "ratio", "‖W‖ / polygon's")
        _marks(left, right, found)
        left.set_title(f"T = {samples}", loc="left")
        right.set_ylim(0.9, LARGEST_RATIO)
        stored = sum(run.stored for run in found)
        no_gap = sum(np.isnan(run.gap) for run in found)
        only_right = f" ({no_gap} only on the right: theory has no angle across at their radii)"
        counts.append(
            f"{len(found)} of {len(runs)} at T = {samples}, {stored} of which store all"
            + (only_right if no_gap else "")
        )
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    note(
        figure,
        f"Runs on two radii: {'; '.join(counts)}. At an inner radius near 0, a sample is left at the origin.",
    )
    return figure


def _lines(ax: Axes, rows: pd.DataFrame, column: str, name: str) -> None:
    for place, (inside, part) in enumerate(rows[rows["inside"] <= MOST_INSIDE].groupby("inside")):
        colour = mpl.colormaps["viridis"](0.85 * place / MOST_INSIDE)
        ax.plot(part["inner"], part[column], color=colour, linewidth=1.4, label=f"{inside} inside")
    ax.set(xlabel="radius of the inner circle", ylabel=name)


def _two_radii(tables: Tables, runs: pd.DataFrame) -> list[TwoRadii]:
    found = []
    for run in runs.itertuples():
        own = tables.where(condition=run.condition, replicate=run.replicate).samples
        if rings.roundness(own) < rings.TWO_RADII:
            p, R = own["sample_norm"].min(), own["sample_norm"].max()
            least = np.sqrt(len(own)) * theory.polygon_radius(len(own))
            gap = rings.across(own) * theory.gap_across(p, R)
            stored = run.training_loss < MEMORISED
            found.append(TwoRadii(p, gap, run.frobenius / least, stored))
    return found


def _marks(left: Axes, right: Axes, found: list[TwoRadii]) -> None:
    for run in found:
        edge, face = (INK, ORANGE) if run.stored else (ORANGE, "none")
        for ax, y in ((left, run.gap), (right, run.ratio)):
            ax.plot(run.inner, y, "o", markerfacecolor=face, markeredgecolor=edge, markersize=6,
                    zorder=4, clip_on=False)  # fmt: skip
