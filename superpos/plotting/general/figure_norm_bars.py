"""The norm of each feature, coloured by superposition."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from superpos.config.condition import Count, Number
from superpos.config.needs import Needs
from superpos.plotting.general.panels import (
    LINE_HEIGHT,
    Panel,
    figure_size,
    grid,
    panels,
    places,
    small_print,
)
from superpos.plotting.marks import norm_bars, reach, superposition_colours, superposition_scale
from superpos.plotting.shown_runs import by_replicate
from superpos.plotting.style import styled_in_part
from superpos.tables import Tables

CAPTION = (
    "The norm ‖W_i‖ of each feature in one run of each condition, feature 0 on top. The colour is the"
    " superposition of the feature, Σ (Ŵ_i·W_j)² over j ≠ i: dark for a direction of its own, yellow for"
    " one that other features share. The line on a bar is the range over replicates, with a tick at the"
    " median.{swept}"
)
NEEDS = Needs(metrics=("feature_norm", "superposition"), tied=True, most_features=200)

WIDTH = 1.9
"""The width of a panel in inches."""


@styled_in_part
def draw(tables: Tables, most: Count = 8, replicate: Number | None = None) -> Figure:
    """Draw the best run, or a given replicate, of at most `most` conditions."""
    shown = panels(tables, most, replicate)
    rows, columns = grid(len(shown))
    n = max(len(panel.features) for panel in shown)
    height = float(np.clip(LINE_HEIGHT * n, 1.5, 5))
    figure = Figure(figsize=figure_size(shown, WIDTH, height + 0.5), layout="constrained")
    parts = figure.add_gridspec(1, 2, width_ratios=[WIDTH * columns, 0.12])
    axes = parts[0].subgridspec(rows, columns).subplots(squeeze=False)
    edge = reach((panel.condition for panel in shown), 1.2)
    for row, column, panel in places(shown):
        _bars(axes[row, column], panel, height)
        axes[row, column].set_xlim(0, edge)
        axes[row, column].xaxis.set_major_locator(MaxNLocator(3))
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    for ax in axes[:, 0]:
        ax.set_ylabel("feature")
    superposition_scale(figure, figure.add_subplot(parts[1]))
    small_print(figure, tables, shown, replicate)
    return figure


def _bars(ax: Axes, panel: Panel, height: float) -> None:
    superposition, norms = (
        panel.features[name].to_numpy(float) for name in ("superposition", "feature_norm")
    )
    replicates = by_replicate(panel.condition, "feature_norm")
    norm_bars(ax, norms, superposition_colours(superposition), replicates)
    step = int(np.ceil(len(norms) / (height / LINE_HEIGHT)))
    ax.set(xlabel="norm", yticks=panel.features["feature"][::step])
    ax.set_title(panel.title(WIDTH))
