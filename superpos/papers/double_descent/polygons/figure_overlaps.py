"""How often samples share a feature, against the number of samples."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.double_descent.marks import samples_axis
from superpos.plotting.marks import note
from superpos.plotting.style import FAINT, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "How often training samples share an active feature. Left: the number of other samples of a training"
    " set that share a feature with one of them, on average; where it is 1, the samples stop being pairs and"
    " chains of neighbours, which a polygon can hold. Right: the chance that no two samples of the set share"
    " one, by theory (line) and in 10,000 simulated sets (crosses). Section “Few samples”."
)
SHOWN = "None: the figure is computed from theory and simulated training sets, without training."
NEEDS = Needs(theory=("overlaps",))
MOST_DISJOINT = 30
"""The chance that no two samples share a feature is drawn up to this T."""


@styled
def draw(tables: Tables) -> Figure:
    """Draw a line for each number of features."""
    (rows,) = tables.theory.values()
    figure = Figure(figsize=(7.6, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for colour, (n, part) in zip(
        MODEL_COLOURS, rows.groupby("n_features", sort=False), strict=False
    ):
        _line(left, right, part, colour, f"n = {n:,}, S = {1 - part['density'].iloc[0]:g}")
    left.axhline(1, color=FAINT, linestyle=":", linewidth=1)
    left.set(yscale="log", ylabel="others that share a feature")
    right.set(ylabel="chance that none share one", ylim=(-0.03, 1.03))
    samples_axis(left, rows["samples"].to_numpy(float))
    samples_axis(right, rows["samples"].clip(upper=MOST_DISJOINT).to_numpy(float))
    left.legend(loc="upper left")
    note(figure, "Lines: theory. Crosses: simulated sets.")
    return figure


def _line(left: Axes, right: Axes, rows: pd.DataFrame, colour: str, name: str) -> None:
    left.plot(rows["samples"], rows["degree"], "o-", color=colour, markersize=3, label=name)
    few = rows[rows["samples"] <= MOST_DISJOINT]
    right.plot(few["samples"], few["disjoint"], "-", color=colour, linewidth=1.4)
    right.plot(few["samples"], few["simulated"], "x", color=colour, markersize=6)
