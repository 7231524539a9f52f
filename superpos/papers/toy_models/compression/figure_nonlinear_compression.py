"""Two features in one number by a nonlinear code, against linear compression (appendix)."""

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from superpos import theory
from superpos.config.needs import Needs
from superpos.plotting.marks import note
from superpos.plotting.style import INK, styled
from superpos.tables import Tables

CAPTION = (
    "The loss of a nonlinear code of two uniform features in one number, with Z cells, as its jumps become"
    " ramps of width ε. The dashed line is linear compression. No model is trained. Appendix on nonlinear"
    " compression."
)
NEEDS = Needs(theory=("nonlinear_compression",))


@styled
def draw(tables: Tables) -> Figure:
    """Draw a line for each number of cells."""
    (table,) = (t for t in tables.theory.values() if {"cells", "ramp"} <= set(t.columns))
    figure = Figure(figsize=(6.2, 4.4), layout="constrained")
    ax = figure.subplots()
    cells = sorted(table["cells"].unique())
    for place, z in enumerate(cells):
        _line(ax, table[table["cells"] == z], z, place / max(len(cells) - 1, 1))
    ax.axhline(theory.LINEAR_COMPRESSION, color=INK, linestyle="--", linewidth=1)
    ax.text(0.004, theory.LINEAR_COMPRESSION + 0.002, "linear compression, 1/12", color=INK)
    ax.set(xlabel="ramp width ε, as a share of a cell", ylabel="loss, sum over both features")
    ax.set(xlim=(0, table["ramp"].max()), ylim=(0, None))
    ax.legend(title="cells")
    note(
        figure, "The code is computed, not trained; its mean squared error is found by quadrature."
    )
    return figure


def _line(ax: mpl.axes.Axes, table: pd.DataFrame, z: int, place: float) -> None:
    colour = mpl.colormaps["viridis"](0.85 * place)
    ax.plot(table["ramp"], table["loss"], color=colour, linewidth=1.8, label=f"Z = {z}")
    ax.plot(0, theory.nonlinear_compression(z), "o", color=colour, clip_on=False)
