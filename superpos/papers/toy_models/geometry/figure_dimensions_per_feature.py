"""Dimensions per feature against sparsity, n = 400, m = 30 (section "The Geometry of Superposition")."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.toy_models.geometry.digitised import DIMENSIONS_PER_FEATURE
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import rule, size
from superpos.plotting.sparsity import level, sparsest, sparsity, sparsity_axis
from superpos.plotting.style import INK, MODEL_COLOURS, styled
from superpos.tables import Tables

GAIN_COLOURS = (INK, "#E0B400", "#009E73", "#0072B2", "#D55E00", "#6A3D9A")
GAIN_DASHES = (":", "-", "--", "-.", "-", "--")

CAPTION = (
    "Dimensions per feature, m / ‖W‖²_F, as uniform features become sparser, with the printed curve, read off"
    " the paper. Marks show models of other sizes: n makes no difference if n ≫ m, and m only scales. The"
    " models are at rest; those trained by the authors' recipe, where the plateau ends, have marks of their"
    " own. Below, how many features' worth of loss polytopes save per dimension, at their best norm and"
    " bias. Section “The Geometry of Superposition”."
)
NEEDS = Needs(
    metrics=("dimensions_per_feature",),
    tied=True,
    density=True,
    by=("n_features", "n_hidden", "density"),
    theory=("packing_gains",),
)


@styled
def draw(tables: Tables) -> Figure:
    """Draw the first experiment as a line, and models of other sizes as marks."""
    main = tables.runs["experiment"].iloc[0]
    first, *others = _parts(tables, main)
    figure = Figure(figsize=(7.2, 6.6), layout="constrained")
    ax, below = figure.subplots(2, 1, height_ratios=[1.7, 1])
    _levels(ax)
    _paper(ax)
    for marker, colour, part in zip(cycle("so^v"), cycle(MODEL_COLOURS[1:]), others, strict=False):
        _marks(ax, part, marker, colour, _name(part, first))
    _line(ax, first)
    sparsity_axis(ax, last=sparsest(tables.runs))
    ax.set(ylim=(0, 1.06), ylabel="dimensions per feature   D* = m / Σ ‖Wᵢ‖²")
    ax.set_yticks([0, 0.5, 1], labels=["0", "½", "1"])
    ax.legend(loc="upper right")
    (gains,) = (table for table in tables.theory.values() if "gain" in table)
    _gains(below, gains)
    note(
        figure, f"Line: {_rule(tables.of(main))} at each density; marks: the same of other models."
    )
    return figure


def _levels(ax: Axes) -> None:
    orange = MODEL_COLOURS[1]
    level(ax, 1, 1, 1.35, "a dimension each", orange)
    level(ax, 0.5, 1.8, 5, "two to a dimension", orange)


def _paper(ax: Axes) -> None:
    x, y = DIMENSIONS_PER_FEATURE.T
    ax.plot(
        x, y, "x", color=INK, markersize=4, markeredgewidth=0.7, label="the paper, n = 400, m = 30"
    )


def _line(ax: Axes, shown: Tables) -> None:
    runs = shown.runs.sort_values("density", ascending=False)
    values = runs["dimensions_per_feature"]
    ax.plot(sparsity(runs), values, "o-", color=MODEL_COLOURS[0], markersize=3, linewidth=1.3,
            label=size(runs), zorder=4)  # fmt: skip


def _gains(ax: Axes, table: pd.DataFrame) -> None:
    """Draw each polytope's gain per dimension, by theory."""
    shapes = [shape for shape in table["shape"].drop_duplicates() if shape != "hexagon"]
    for shape, colour, dashes in zip(shapes, GAIN_COLOURS, GAIN_DASHES, strict=False):
        rows = table[table["shape"] == shape]
        ax.plot(
            rows["sparsity"],
            rows["gain"],
            color=colour,
            linestyle=dashes,
            linewidth=1.2,
            label=shape,
        )
    sparsity_axis(ax)
    ax.set(ylabel="gain per dimension, theory")
    ax.legend(loc="upper left", ncols=2)


def _parts(tables: Tables, main: str) -> list[Tables]:
    """The best runs of the first experiment, split by size if its densities repeat, then the others."""
    others = tables.runs["experiment"][tables.runs["experiment"] != main].unique()
    first, rest = tables.of(main).best(), tables.of(*others).best()
    alone = first.runs["density"].is_unique
    return [*([first] if alone else _sizes(first)), *_sizes(rest)]


def _sizes(shown: Tables) -> list[Tables]:
    sizes = shown.runs[["n_features", "n_hidden"]].drop_duplicates()
    return [shown.where(n_features=int(n), n_hidden=int(m)) for n, m in np.array(sizes)]


def _name(part: Tables, first: Tables) -> str:
    """The size of the models or, if it is the line's size, how their training differs."""
    named = size(part.runs)
    return "by the authors' recipe" if named == size(first.runs) else named


def _marks(ax: Axes, part: Tables, marker: str, colour: str, name: str) -> None:
    runs = part.runs
    ax.plot(sparsity(runs), runs["dimensions_per_feature"], marker, color=colour, markersize=6,
            markerfacecolor="none", label=name, zorder=5)  # fmt: skip


def _rule(tables: Tables) -> str:
    first = tables.runs.iloc[0]
    return rule(tables.where(condition=first["condition"])).partition(", replicate")[0]
