"""Marks for figures of sets: a colour for each set, and solutions in a common orientation."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from superpos.papers.toy_models.correlated import sets
from superpos.plotting.style import BACKGROUND, FAINT

if TYPE_CHECKING:
    from jaxtyping import Float

# PAPER: blue, red and green sets; here Okabe and Ito's, which colour-blind readers can tell apart.
SET_COLOURS = ("#0072B2", "#D55E00", "#009E73")
COLOURS = (*SET_COLOURS, "#CC79A7", "#E69F00", "#56B4E9")


def solution(
    ax: Axes, W: Float[np.ndarray, "feature 2"], n_sets: int, radii: tuple[float, ...] = (1.0,)
) -> None:
    """Draw lines from the origin to each W_i, coloured by set, over circles of the given radii."""
    ax.set_facecolor(BACKGROUND)
    for radius, style in zip(radii, ("-", (0, (2, 2))), strict=False):
        ax.add_patch(
            Circle((0, 0), radius, fill=False, color=FAINT, linewidth=0.7, linestyle=style)
        )
    by_set = sets.members(sets.common_orientation(W, n_sets), n_sets)
    for vectors, colour in zip(by_set, cycle(COLOURS), strict=False):
        for x, y in vectors:
            ax.plot([0, x], [0, y], color=colour, linewidth=2, solid_capstyle="round")
            ax.plot(x, y, "o", color=colour, markersize=5)
    ax.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), xticks=[], yticks=[])
    ax.set_aspect("equal")
    ax.spines[:].set_visible(False)
