"""Sketches of the phases: what happens to each feature, as arrows in the hidden space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from superpos.metrics import feature_phases
from superpos.papers.toy_models.phases.plane_marks import COLOURS
from superpos.plotting.style import FAINT

if TYPE_CHECKING:
    from jaxtyping import Float

LABELS = {
    "ignored": "Not represented\n(last feature is 0)",
    "dedicated": "Dedicated dimension\n(another is not represented)",
    "superposition": "Superposition\n(antipodal pair)",
    "others_superposed": "Dedicated dimension\n(other two in superposition)",
}
NORMALS = {
    "ignored": ("W = [1, 0]", "W ⊥ [0, 0, 1]"),
    "dedicated": ("W = [0, 1]", "W ⊥ [1, 0, 0]"),
    "superposition": ("W = [1, −1]", "W ⊥ [0, 1, 1]"),
    "others_superposed": ("", "W ⊥ [1, 1, 0]"),
}
FEATURES = ("#E69F00", "#009E73", "#CC79A7")
"""Colours of the features in the sketches; the last feature is the one that the diagrams show."""


def outcomes(ax: Axes, shape: tuple[int, int]) -> None:
    """Draw each outcome of (n_features, n_hidden): its colour, its name, and the features as arrows."""
    possible = feature_phases.configurations(*shape)
    ax.set(xlim=(0, 1), ylim=(0, len(possible)), xticks=[], yticks=[], title="Possible outcomes")
    ax.spines[:].set_visible(False)
    for row, (name, variants) in enumerate(reversed(list(possible.items()))):
        ax.add_patch(Rectangle((0, row + 0.1), 0.04, 0.8, color=COLOURS[name]))
        ax.text(0.44, row + 0.6, LABELS[name], va="center", fontsize=8)
        ax.text(0.44, row + 0.22, NORMALS[name][shape[1] - 1], va="center", fontsize=8,
                color=FAINT)  # fmt: skip
        inner = ax.inset_axes((0.08, row + 0.1, 0.3, 0.8), transform=ax.transData)
        _arrows(inner, variants[0])


def _arrows(ax: Axes, W: Float[np.ndarray, "feature hidden"]) -> None:
    """Features as arrows in one or two hidden dimensions; a feature that is dropped is a ring."""
    flat = np.c_[W, np.zeros(len(W))][:, :2]
    for i, w in enumerate(flat):
        colour = FEATURES[i if len(W) == 3 else 2 * i]
        if abs(w).max() > 0:
            ax.annotate("", w, (0, 0), arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.8})
        else:
            ax.plot(0, 0, "o", color=colour, fillstyle="none", markersize=6)
    ax.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
