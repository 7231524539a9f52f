"""The features as arrows in two or three hidden dimensions."""

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from superpos.config.condition import Count, Number
from superpos.config.needs import Needs
from superpos.plotting.general.panels import Panel, figure_size, grid, panels, places, small_print
from superpos.plotting.marks import plane
from superpos.plotting.shown_runs import weights
from superpos.plotting.style import FAINT, INK, styled_in_part
from superpos.tables import Tables

CAPTION = (
    "The column of W of each feature, from the origin to a dot, in the two or three hidden dimensions of"
    " one run of each condition. The colour is the importance of the feature, or its number if all are as"
    " important, or the metric that the option `color` names. Under three dimensions, grey lines show where"
    " the dots stand above or below the plane of the first two.{swept}"
)
NEEDS = Needs(hidden=(2, 3), most_features=1000, metric_options=("color",))
NUMBERED = {2: 20, 3: 10}
"""By the number of dimensions, the number of features up to which they are numbered beside their dots."""
WIDTH = 2.6
"""The width of a panel in inches."""
CLOSE = 0.25
"""Dots at most this many inches apart share one text."""
COLOURS = mpl.colormaps["viridis"]


@styled_in_part
def draw(
    tables: Tables,
    color: str | None = None,
    most: Count = 8,
    replicate: Number | None = None,
) -> Figure:
    """Draw the best run, or a given replicate, of at most `most` conditions.

    color: a metric of features; by default the importance or, if all are equal, the feature's number.
    """
    shown = panels(tables, most, replicate)
    rows, columns = grid(len(shown))
    varies = tables.features["importance"].nunique() > 1
    column = color or ("importance" if varies else "feature")
    every = np.concatenate([_colour_values(panel, column) for panel in shown])
    norm = Normalize(every.min(), max(every.max(), every.min() + 1e-9))
    limit = 1.25 * max(float(np.linalg.norm(weights(p.features), axis=1).max()) for p in shown)
    figure = Figure(figsize=figure_size(shown, WIDTH, WIDTH), layout="constrained")
    axes = []
    for row, at, panel in places(shown):
        W = weights(panel.features)
        form = {"projection": "3d"} if W.shape[1] == 3 else {}
        ax = figure.add_subplot(rows, columns, row * columns + at + 1, **form)
        colours = COLOURS(norm(_colour_values(panel, column)))
        (_in_space if form else _in_plane)(ax, W, colours, max(limit, 1e-6))
        ax.set_title(panel.title(WIDTH))
        axes.append(ax)
    label = {"feature": "number of the feature"}.get(column, column.replace("_", " "))
    bar = figure.colorbar(ScalarMappable(norm, COLOURS), ax=axes, label=label, fraction=0.05)
    bar.locator = MaxNLocator(6, integer=column == "feature")
    shapes = [weights(panel.features).shape for panel in shown]
    numbers = (
        "Numbers are those of features longer than half of the longest."
        if any(n <= NUMBERED[m] for n, m in shapes)
        else ""
    )
    small_print(figure, tables, shown, replicate, numbers)
    return figure


def _colour_values(panel: Panel, column: str) -> np.ndarray:
    if column not in panel.features or panel.features[column].dtype.kind not in "iuf":
        raise ValueError(
            f"color: {column!r} is not a number for each feature; give a metric of features"
        )
    values: np.ndarray = panel.features[column].to_numpy(float)
    return values


def _in_plane(ax: Axes, W: np.ndarray, colours: np.ndarray, limit: float) -> None:
    plane(ax, W, colours, limit, dot=_dot(len(W)))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(3, symmetric=True))
    if len(W) <= NUMBERED[W.shape[1]]:
        for text, tip in _numbers(W, limit):
            away = tip / np.hypot(*tip) * (7 + 2 * len(text), 9)
            ax.annotate(text, tip, away, textcoords="offset points", fontsize=8,  # type: ignore[arg-type]
                        ha="center", va="center", zorder=9)  # fmt: skip


def _in_space(ax: Any, W: np.ndarray, colours: np.ndarray, limit: float) -> None:
    dot = _dot(len(W))
    for w, colour in zip(W, colours, strict=True):
        ax.plot(*np.array([np.zeros(3), w]).T, color=colour, linewidth=0.3 * dot)
        ax.plot(*np.array([[w[0], w[1], 0], w]).T, color=FAINT, linewidth=0.5, linestyle=":")
        ax.plot(*w[:, None], "o", color=colour, markersize=dot, markeredgecolor=INK,
                markeredgewidth=0.5)  # fmt: skip
    edge = limit / 1.25
    ax.set(xlim=(-edge, edge), ylim=(-edge, edge), zlim=(-edge, edge))
    ax.set_box_aspect((1, 1, 1))
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_major_locator(MaxNLocator(3, symmetric=True))
        axis.set_tick_params(pad=-2)
    if len(W) <= NUMBERED[W.shape[1]]:
        for text, tip in _numbers(W, limit):
            ax.text(*(tip * (1 + 0.16 * edge / np.linalg.norm(tip))), text, fontsize=8, ha="center",
                    va="center")  # fmt: skip


def _dot(count: int) -> float:
    """The size of a dot in points."""
    return 7 if count <= NUMBERED[2] else 4 if count <= 100 else 2


def _numbers(W: np.ndarray, limit: float) -> Iterator[tuple[str, np.ndarray]]:
    """Write the numbers of the longer features beside their dots; dots that are close share one text."""
    apart = CLOSE * 2 * limit / WIDTH
    left = [int(i) for i in np.flatnonzero(np.linalg.norm(W, axis=1) > 0.4 * limit)]
    while left:
        near = [i for i in left if np.linalg.norm(W[i] - W[left[0]]) < apart]
        left = [i for i in left if i not in near]
        names = [str(i) for i in near]
        yield ", ".join(names[:3]) + (", …" if len(names) > 3 else ""), W[near[0]]
