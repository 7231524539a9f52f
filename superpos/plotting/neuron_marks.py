"""Marks for single neurons: the weight matrix, stacks of weights, and graphs of a few neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from superpos.metrics import neurons
from superpos.plotting.marks import UNIT
from superpos.plotting.style import FAINT, INK, SIGNED

if TYPE_CHECKING:
    from jaxtyping import Float

# PAPER: purple behind mono neurons, light blue behind slightly polysemantic ones, yellow behind the others.
TINTS = ("#DDD0EE", "#D3E9F7", "#FBEFB6")
EDGE, THIN = 0.4, 0.02
"""The width of the white line around a rectangle; it is thinner around one of a smaller share of the tallest
stack."""
TALL_ENOUGH = 0.1
"""The share of its axis that a rectangle must have to hold a number."""


def feature_colours(n: int) -> Float[np.ndarray, "{n} 4"]:
    """A colour for each feature, the most important first."""
    colours: np.ndarray = mpl.colormaps["viridis"](np.linspace(0, 0.95, n))
    return colours


def matrix(ax: Axes, W: Float[np.ndarray, "feature hidden"], name: str = "") -> None:
    """Draw W as a heat map, features down and neurons across; red is +1, blue -1."""
    ax.imshow(W, cmap=SIGNED, norm=UNIT, extent=(-0.5, W.shape[1] - 0.5, len(W) - 0.5, -0.5))
    ax.set(xticks=[], yticks=[], title=name)
    ax.spines[:].set_visible(True)


def stack(
    ax: Axes,
    W: Float[np.ndarray, "feature hidden"],
    colours: Float[np.ndarray, "feature 4"],
    numbered: bool = False,
) -> None:
    """Draw each neuron as a column of rectangles of height |w|, with negative weights below the axis.

    Weights of at most NEGLIGIBLE are left out. numbered: write each feature's number in its rectangles
    if they are tall enough on the scale of the axis, which must be set before.
    """
    feature, neuron, bottom = _rectangles(W)
    height = W[feature, neuron]
    # The white between thin rectangles is thinner, or it would hide them.
    share = np.abs(height) / np.abs(bottom + height).max(initial=1e-9)
    line = EDGE * np.minimum(1, share / THIN)
    ax.bar(neuron, height, 0.8, bottom, color=colours[feature], edgecolor="white", linewidth=line)
    ax.axhline(0, color=INK, linewidth=0.6)
    ax.set(xlim=(-0.6, W.shape[1] - 0.4), xticks=[])
    if numbered:
        _number(ax, feature, neuron, bottom, bottom + height, colours)


def _number(
    ax: Axes,
    feature: np.ndarray,
    neuron: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    colours: np.ndarray,
) -> None:
    """Write the number of each feature in the middle of its rectangles that are tall enough."""
    scale = ax.yaxis.get_transform()
    a, b, limits = (scale.transform(np.asarray(y)) for y in (start, end, ax.get_ylim()))
    tall = np.abs(b - a) > TALL_ENOUGH * np.ptp(limits)
    middle = scale.inverted().transform((a + b) / 2)
    for i, x, y in zip(feature[tall], neuron[tall], middle[tall], strict=True):
        dark = colours[i][:3].mean() < 0.5
        ax.text(x, y, f"{i}", ha="center", va="center", fontsize=8,
                color="white" if dark else INK)  # fmt: skip


def _rectangles(W: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Feature, neuron and start of each rectangle; features are in order from the axis outwards."""
    counted = np.where(np.abs(W) > neurons.NEGLIGIBLE, W, 0.0)
    starts = np.zeros_like(counted)
    for sign in (1, -1):
        part = np.where(sign * counted > 0, counted, 0.0)
        starts += np.where(part != 0, np.cumsum(part, axis=0) - part, 0.0)
    feature, neuron = np.nonzero(counted)
    return feature, neuron, starts[feature, neuron]


def tint(ax: Axes, kinds: Sequence[int]) -> None:
    """Tint the background of each neuron's column by its kind: 0 mono, 1 slightly poly, 2 poly.

    A dead neuron has no kind and no tint.
    """
    for x, kind in enumerate(kinds):
        if kind != neurons.DEAD:
            ax.axvspan(x - 0.5, x + 0.5, color=TINTS[kind], linewidth=0, zorder=0)


def tint_legend(ax: Axes, kinds: Sequence[int] = (0, 1, 2)) -> None:
    """Draw the legend of the tints."""
    names = ("monosemantic", "slightly polysemantic", "polysemantic")
    handles = [Patch(facecolor=TINTS[k], edgecolor=FAINT, linewidth=0.4) for k in kinds]
    ax.legend(handles, [names[k] for k in kinds], loc="center", ncols=len(kinds))


def graph(
    ax: Axes,
    W: Float[np.ndarray, "feature hidden"],
    V: Float[np.ndarray, "feature hidden"],
    features: Sequence[int],
    colours: Float[np.ndarray, "all_features 4"],
) -> None:
    """Draw inputs, neurons and outputs as columns of nodes, with the weights W and V on the edges.

    Only the given features are drawn; edges with a weight of at most NEGLIGIBLE are left out.
    """
    rows, hidden = list(features), W.shape[1]
    size = max(len(rows), hidden)
    place, centre = (size * (np.arange(n) + 0.5) / n for n in (len(rows), hidden))
    for r, i in enumerate(rows):
        for k in range(hidden):
            read, middle, written = (0, place[r]), (1, centre[k]), (2, place[r])
            shift = 0.14 * (k % 2)
            _edge(ax, read, middle, W[i, k], colours[i], 0.22 + shift)
            _edge(ax, middle, written, V[i, k], colours[i], 0.78 - shift)
    style: Any = {"ha": "center", "va": "center", "fontsize": 8, "zorder": 4}
    ring = {"boxstyle": "circle", "facecolor": "white", "edgecolor": INK, "linewidth": 0.7}
    for r, i in enumerate(rows):
        box = {**ring, "edgecolor": colours[i], "linewidth": 1.6}
        ax.text(0, place[r], f"x{i}", bbox=box, **style)
        ax.text(2, place[r], f"y{i}", bbox=box, **style)
    for k in range(hidden):
        ax.text(1, centre[k], "ReLU", bbox={**ring, "boxstyle": "round"}, **style)
    ax.set(xlim=(-0.25, 2.25), ylim=(size, 0))
    ax.set_axis_off()


def _edge(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    weight: float,
    colour: np.ndarray,
    along: float,
) -> None:
    """Draw an edge, dashed if its weight is negative, with the weight at the fraction `along` of it."""
    if abs(weight) <= neurons.NEGLIGIBLE:
        return
    dashes = "-" if weight > 0 else (0, (3, 1.5))
    line = np.array([start, end])
    ax.plot(
        *line.T, color=colour, linestyle=dashes, linewidth=1 + min(abs(weight), 4) / 2, zorder=1
    )
    x, y = line[0] + along * (line[1] - line[0])
    ax.text(x, y, f"{weight:+.2g}".replace("-", "−"), fontsize=8, ha="center", va="center", zorder=3,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
