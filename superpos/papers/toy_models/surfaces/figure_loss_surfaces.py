"""The exact loss of 2 features in 1 dimension over its two weights (comment by T. McGrath)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.toy_models.surfaces import minima
from superpos.plotting.marks import note
from superpos.plotting.style import FAINT, INK, styled
from superpos.tables import Tables

CAPTION = (
    "The exact expected loss, without biases, over the two weights of 2 features in 1 dimension. Dots are"
    " its local minima; the filled ones are the global minimum, whose path as importance changes is on the"
    " right. No model is trained. Comment by T. McGrath on “Superposition as a Phase Change”."
)
NEEDS = Needs(theory=("loss_surface", "loss_surface_path"))
CONFUSED = 2**-0.5


@styled
def draw(tables: Tables) -> Figure:
    """Draw a panel for each surface, and then the path.

    ASSUME: the comment gives no density or importance; the config's panels are our choice: one feature
    kept, an antipodal pair beside a worse minimum, and both features confused.
    """
    (surfaces,) = (t for t in tables.theory.values() if _is_surfaces(t))
    (path,) = (t for t in tables.theory.values() if "W_1" in t and not _is_surfaces(t))
    points = surfaces[["density", "importance"]].drop_duplicates()
    figure = Figure(figsize=(2.7 * (len(points) + 1), 4.4), layout="constrained")
    axes = figure.subplots(1, len(points) + 1)
    for ax, letter, (p, r) in zip(axes, "abcdefgh", points.to_numpy(), strict=False):
        one = surfaces[(surfaces["density"] == p) & (surfaces["importance"] == r)]
        image = _surface(ax, one)
        ax.set_title(f"({letter})  1 − S = {p:g},\nimportance 1 and {r:g}")
    bar = figure.colorbar(image, ax=list(axes[: len(points)]), location="bottom", shrink=0.4,
                          aspect=30, label="loss above the surface's minimum")  # fmt: skip
    bar.set_ticks([-2, -1, 0, 1], labels=["≤ 1%", "10%", "100%", "≥ 10×"])
    _path(axes[-1], path)
    note(figure, "The loss is exact, by quadrature, with no training and b = 0. Filled dots are the global"
                 " minimum, rings are other local minima. The comment does not give the densities and"
                 " importances of its panels; these are ours.")  # fmt: skip
    return figure


def _is_surfaces(table: pd.DataFrame) -> bool:
    return "W_1" in table and table.duplicated(["density", "importance"]).any()


def _surface(ax: Axes, table: pd.DataFrame) -> QuadContourSet:
    w, loss = minima.loss_grid(table)
    above = np.log10(loss / loss.min() - 1 + 1e-9)
    image = ax.contourf(w, w, above, levels=np.linspace(-2, 1, 16), cmap="viridis", extend="both")
    least = table["loss"].min()
    for first, second, value in minima.minima(table):
        full = value < least * (1 + 1e-6)
        ax.plot(first, second, "o", color="white", markeredgecolor=INK, markersize=8,
                fillstyle="full" if full else "none", markeredgewidth=1.2)  # fmt: skip
    ax.set(xlabel="W₁", ylabel="W₂", aspect="equal")
    return image


def _path(ax: Axes, path: pd.DataFrame) -> None:
    for weight, label, colour in (("W_1", "W₁", "#0072B2"), ("W_2", "W₂", "#D55E00")):
        ax.plot(path["importance"], path[weight], ".-", color=colour, label=label)
    ax.axhline(CONFUSED, color=FAINT, linestyle=":")
    ax.text(path["importance"].min(), CONFUSED + 0.02, "1/√2", color=FAINT)
    ax.set(xscale="log", xlabel="second feature's importance", ylabel="weights at the minimum")
    ax.set_title(f"Global minimum, 1 − S = {path['density'].iloc[0]:g}")
    ax.set_box_aspect(1)
    ax.legend(loc="lower center")
