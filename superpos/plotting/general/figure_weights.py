"""W^T and W^T W of the best run of each condition."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from superpos.config.condition import Count, Number
from superpos.config.needs import Needs
from superpos.plotting.general.panels import Panel, figure_size, grid, panels, places, small_print
from superpos.plotting.marks import UNIT, products, signed_scale
from superpos.plotting.shown_runs import outputs, weights
from superpos.plotting.style import FAINT, SIGNED, styled_in_part
from superpos.tables import Tables

CAPTION = (
    "The weights of one run of each condition. On the left is Wᵀ, with a row for each feature and a column"
    " for each hidden dimension, and W_out if the model has separate output weights. On the right are the"
    " products of all pairs of features, WᵀW or W_out W, and in the strip beside them the biases. Red is"
    " positive and blue is negative.{swept}"
)
NEEDS = Needs(most_features=400)
WIDTH, HEIGHT = 2.9, 2.2
"""The size in inches of the panel of a condition."""


@styled_in_part
def draw(tables: Tables, most: Count = 8, replicate: Number | None = None) -> Figure:
    """Draw the best run, or a given replicate, of at most `most` conditions."""
    shown = panels(tables, most, replicate)
    rows, columns = grid(len(shown))
    figure = Figure(figsize=figure_size(shown, WIDTH, HEIGHT), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12)  # type: ignore[union-attr, call-arg]
    parts = figure.add_gridspec(1, 2, width_ratios=[WIDTH * columns, 0.12])
    axes = parts[0].subgridspec(rows, columns).subplots(squeeze=False)
    for row, column, panel in places(shown):
        _weights(axes[row, column], panel)
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    for ax in axes[:, 0]:
        ax.set_ylabel("feature")
    signed_scale(figure, figure.add_subplot(parts[1]), "weights, products, biases")
    small_print(figure, tables, shown, replicate)
    return figure


def _weights(ax: Axes, panel: Panel) -> None:
    """Draw the products with the bias, and W^T, or W_out and W^T, to the left of them."""
    W, b = weights(panel.features), panel.features["bias"].to_numpy(float)
    W_out = outputs(panel.features) if panel.is_untied() else None
    end = products(ax, W, b, W_out=W_out)
    n = len(W)
    ticks = {"WᵀW" if W_out is None else "W_out W": n / 2, "b": end}
    last = ax.get_xlim()[1]
    width = n * float(np.clip(W.shape[1] / n, 0.15, 0.5))
    left = 0.0
    for name, values in (("Wᵀ", W),) if W_out is None else (("W_out", W_out), ("Wᵀ", W)):
        right = left - 0.12 * n
        left = right - width
        ax.imshow(values, cmap=SIGNED, norm=UNIT, extent=(left, right, n, 0), aspect="auto")
        ax.add_patch(Rectangle((left, 0), width, n, fill=False, edgecolor=FAINT, linewidth=0.5))
        ticks[name] = (left + right) / 2
    ax.set(xlim=(left - 0.01 * n, last), ylim=(1.01 * n, -0.01 * n), aspect="equal")
    ax.set_xticks(list(ticks.values()), labels=list(ticks))
    ax.tick_params(length=0)
    ax.set_title(panel.title(WIDTH))
