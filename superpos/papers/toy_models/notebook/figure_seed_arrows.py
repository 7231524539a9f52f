"""The notebook's third picture: the features as arrows in the two hidden dimensions."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import best_run, conditions, label, losses, planar_weights, rule
from superpos.plotting.style import FAINT, INK, styled
from superpos.tables import Tables

CAPTION = (
    "Each feature of the notebook's model as an arrow in the two hidden dimensions, with its number if it is"
    " longer than ½. The model was trained as in the notebook. After the introduction's figure."
)
NEEDS = Needs(n_hidden=2, most_conditions=24)


@styled
def draw(tables: Tables) -> Figure:
    """Draw a panel for each condition, with the notebook's limits of -3 to 3."""
    parts = conditions(tables)
    figure = Figure(figsize=(5.4 * len(parts), 5.8), layout="constrained")
    for ax, condition in zip(figure.subplots(1, len(parts), squeeze=False)[0], parts, strict=True):
        _arrows(ax, planar_weights(best_run(condition)[1]))
    text = "\n".join(f"{label(best_run(c)[0])}: {rule(c)};\n{losses(c)}." for c in parts)
    note(figure, text)
    return figure


def _arrows(ax: Axes, W: np.ndarray) -> None:
    origin = np.zeros(len(W))
    ax.quiver(origin, origin, *W.T, angles="xy", scale_units="xy", scale=1, width=0.006,
              color=INK, zorder=3)  # fmt: skip
    lengths = np.hypot(*W.T)
    for i in np.flatnonzero(lengths > 0.5):
        ax.annotate(str(i), W[i] * (1 + 0.16 / lengths[i]), ha="center", va="center")
    ax.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="Dimension 1", ylabel="Dimension 2")
    ax.set_title("Features in 2D Space")
    ax.grid(color=FAINT, alpha=0.3, linewidth=0.6)
    ax.set_aspect("equal")
