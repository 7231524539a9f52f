"""Marks that figures share: heat maps, norm bars, vectors in the plane."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.patches import Rectangle

from superpos.plotting.small_print import wrapped
from superpos.plotting.style import (
    BACKGROUND,
    FAINT,
    INK,
    SIGNED,
    SUPERPOSITION,
    SUPERPOSITION_STEPS,
)
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Float

UNIT = Normalize(-1, 1, clip=True)


def products(
    ax: Axes,
    W: Float[np.ndarray, "feature hidden"],
    b: Float[np.ndarray, " feature"],
    cmap: Colormap = SIGNED,
    norm: Normalize = UNIT,
    W_out: Float[np.ndarray, "feature hidden"] | None = None,
) -> float:
    """Draw W^T W, or W_out W if W_out is given, as a heat map; return the x position of the strip of
    biases."""
    n = len(W)
    gram = ((W if W_out is None else W_out)[:, None] * W).sum(2)
    strip = max(n / 14, 1)
    left = n + strip / 2
    ax.imshow(gram, cmap=cmap, norm=norm, extent=(0, n, n, 0))
    ax.imshow(b[:, None], cmap=cmap, norm=norm, extent=(left, left + strip, n, 0))
    ax.set(xlim=(-0.01 * n, left + 1.15 * strip), ylim=(1.01 * n, -0.01 * n), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    for x, width in ((0, n), (left, strip)):
        ax.add_patch(Rectangle((x, 0), width, n, fill=False, edgecolor=FAINT, linewidth=0.5))
    ax.set_aspect("equal")
    return left + strip / 2


def norm_bars(
    ax: Axes,
    norms: Float[np.ndarray, " feature"],
    colours: Float[np.ndarray, "feature 4"],
    replicates: Float[np.ndarray, "run feature"],
) -> None:
    """Draw bars of ‖W_i‖ from the top down, with the range and median of the norms of all replicates."""
    rows = np.arange(len(norms))
    ax.barh(rows, norms, height=0.82, color=colours)
    if len(replicates) > 1:
        thin = min(0.9, 16 / len(norms))
        ax.hlines(rows, replicates.min(0), replicates.max(0), color=INK, linewidth=thin)
        middle = np.median(replicates, axis=0)
        ax.vlines(middle, rows - 0.3, rows + 0.3, color=INK, linewidth=thin)
    ax.set_ylim(len(norms) - 0.4, -0.6)
    ax.axvline(1, color=FAINT, linewidth=0.5, linestyle=":", zorder=0)


def reach(tables: Iterable[Tables], least: float) -> float:
    """Where the axis of norm bars ends: at `least`, or beyond the longest norm of any run."""
    longest = max(float(part.features["feature_norm"].max()) for part in tables)
    return max(least, 1.05 * longest)


def superposition_colours(
    superposition: Float[np.ndarray, " feature"],
) -> Float[np.ndarray, "feature 4"]:
    """One of five colours for each value, dark at 0 and yellow at 1 and above."""
    colours: np.ndarray = SUPERPOSITION(SUPERPOSITION_STEPS(superposition))
    return colours


def superposition_scale(figure: FigureBase, ax: Axes, text: str = "superposition") -> None:
    """Draw the legend of these five colours in axes of its own."""
    bar = figure.colorbar(ScalarMappable(SUPERPOSITION_STEPS, SUPERPOSITION), cax=ax)
    bar.set_ticks([0, 0.2, 0.4, 0.6, 0.8, 1], labels=["0", "0.2", "0.4", "0.6", "0.8", "≥ 1"])
    bar.set_label(text)


def signed_scale(figure: FigureBase, ax: Axes, text: str = "WᵀW and b") -> None:
    """Draw the legend of the colours from -1 to 1 in axes of its own."""
    bar = figure.colorbar(ScalarMappable(UNIT, SIGNED), cax=ax)
    bar.set_ticks([-1, 0, 1], labels=["≤ −1", "0", "≥ 1"])
    bar.set_label(text)


def plane(
    ax: Axes,
    W: Float[np.ndarray, "feature 2"],
    colours: Float[np.ndarray, "feature 4"],
    limit: float = 1.5,
    dot: float = 8,
) -> None:
    """Draw each W_i in the plane as a line from the origin that ends in a dot of `dot` points."""
    ax.set_facecolor(BACKGROUND)
    for line in (ax.axhline, ax.axvline):
        line(0, color=FAINT, linewidth=0.7, linestyle=(0, (3, 3)), zorder=0)
    for order, (w, colour) in enumerate(zip(W, colours, strict=True)):
        ax.plot([0, w[0]], [0, w[1]], color=colour, linewidth=0.3 * dot, zorder=3 - order / len(W))
        ax.plot(*w, "o", color=colour, markersize=dot, markeredgecolor=INK, markeredgewidth=0.6,
                zorder=5 - order / len(W))  # fmt: skip
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    ax.set_aspect("equal")
    ax.spines[:].set_visible(True)


def note(figure: Figure | SubFigure, text: str) -> None:
    """Put small text under the figure: how the shown runs were picked, and how much the runs differ."""
    figure.supxlabel(wrapped(figure, text.splitlines()), fontsize=8, color=INK)
