"""The axis 1 / (1 - S) on which the paper plots sparsity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from superpos.plotting.style import FAINT

if TYPE_CHECKING:
    from jaxtyping import Float


def sparsity(runs: pd.DataFrame) -> Float[np.ndarray, " row"]:
    """1 / (1 - S) of each row, from its density."""
    inverse: np.ndarray = 1 / runs["density"].to_numpy(float)
    return inverse


def sparsest(runs: pd.DataFrame) -> float:
    """The end of the axis: the largest 1 / (1 - S) of the runs, but at least 10."""
    return max(10.0, float(sparsity(runs).max()))


def sparsity_axis(ax: Axes, last: float = 10.0, labelled: bool = True) -> None:
    """Make the x axis that of 1 / (1 - S), logarithmic, from dense to sparse."""
    ticks = [t for t in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 20, 50, 100, 200, 500, 1000) if t <= last]
    ax.set_xscale("log")
    ax.set(xlim=(0.97, 1.03 * last))
    ax.set_xticks(ticks, labels=[f"{t:g}" for t in ticks] if labelled else [""] * len(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    if labelled:
        ax.set_xlabel("1 / (1 − S)      dense  ←   |   →  sparse")


def level(ax: Axes, y: float, first: float, last: float, text: str, colour: str) -> None:
    """Draw a dotted segment at y, with a text at its end."""
    ax.plot([first, last], [y, y], ":", color=colour, linewidth=1.4, zorder=1)
    ax.annotate(text, (last, y), (4, 0), textcoords="offset points", color=FAINT, fontsize=8,
                va="center")  # fmt: skip
