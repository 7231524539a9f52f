"""A map of the test loss over the number of training samples and of hidden dimensions."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.double_descent.marks import sets, short_count
from superpos.papers.double_descent.measures import T
from superpos.papers.double_descent.model_size.rises import HIGHER
from superpos.plotting.marks import note
from superpos.plotting.style import INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "The mean test loss over the training sets, for each number T of training samples and m of hidden"
    " dimensions. A triangle to the right stands where the next larger T has a higher test loss: more data"
    " hurts. A triangle upwards stands where the next larger m has a higher one: a bigger model hurts."
    " Section “Training set and model size”."
)
SHOWN = "Every run, one for each training set; none is chosen by its loss."
NEEDS = Needs(training_set=True, varied=("n_hidden", "data.training_samples", "data.set"))


@styled
def draw(tables: Tables) -> Figure:
    """Draw a cell for each T and m, coloured by the logarithm of the loss."""
    grid = tables.runs.pivot_table("loss", "n_hidden", T, "mean")
    values = grid.to_numpy(float)
    figure = Figure(figsize=(1.8 + 0.95 * grid.shape[1], 1.5 + 0.6 * grid.shape[0]),
                    layout="constrained")  # fmt: skip
    ax = figure.subplots()
    norm = LogNorm(np.nanmin(values), np.nanmax(values))
    picture = ax.imshow(values, norm=norm, cmap="cividis", origin="lower", aspect="auto")
    bar = figure.colorbar(picture, ax=ax, label="test loss")
    _plain_ticks(bar.ax, values)
    _cells(ax, values, norm)
    _axes(ax, grid)
    _hurt(ax, values, axis=1, marker=">", colour="white")
    _hurt(ax, values, axis=0, marker="^", colour=MODEL_COLOURS[1])
    note(
        figure,
        f"n = {tables.runs['n_features'].iloc[0]:,}; {sets(tables.runs)} a cell. Triangles: the loss is"
        f" higher by more than {HIGHER}.",
    )
    return figure


def _plain_ticks(ax: Axes, values: np.ndarray) -> None:
    """Put five labels on the colour bar, equally spaced in the logarithm."""
    ticks = np.geomspace(np.nanmin(values), np.nanmax(values), 5)
    ax.set_yticks(ticks, labels=[f"{t:.3g}" for t in ticks])
    ax.set_yticks([], minor=True)


def _cells(ax: Axes, values: np.ndarray, norm: LogNorm) -> None:
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if norm(value) < 0.5 else INK
            ax.text(
                column,
                row,
                f"{value:.3f}" if value < 10 else f"{value:.3g}",
                ha="center",
                va="center",
                fontsize=8,
                color=colour,
            )


def _axes(ax: Axes, grid: pd.DataFrame) -> None:
    ax.set_xticks(range(grid.shape[1]), labels=[short_count(size) for size in grid.columns])
    ax.set_yticks(range(grid.shape[0]), labels=[f"{m}" for m in grid.index])
    ax.set(xlabel="training samples T", ylabel="hidden dimensions m")
    ax.spines[:].set_visible(False)


def _hurt(ax: Axes, values: np.ndarray, axis: int, marker: str, colour: str) -> None:
    """Draw a triangle on the border between two cells if the second has a higher loss."""
    rows, columns = np.nonzero(np.diff(values, axis=axis) > HIGHER)
    x, y = columns + 0.5 * (axis == 1), rows + 0.5 * (axis == 0)
    ax.plot(x, y, marker, color=colour, markersize=8, markeredgecolor=INK, markeredgewidth=0.7)
