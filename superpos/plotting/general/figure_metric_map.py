"""A metric over two swept values, as a heat map."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.plotting.general.conditions import (
    axes,
    axis_label,
    how_chosen,
    is_best,
    number_texts,
    values_of,
)
from superpos.plotting.general.values_of_runs import metric_name, of_runs, spans_decades
from superpos.plotting.marks import note
from superpos.plotting.style import FAINT, styled_in_part
from superpos.tables import Tables

CAPTION = (
    "A metric over two swept values. On the left the best run of each condition, on the right the range over"
    " its replicates, if there are several. Grey cells have no value.{swept}"
)
NEEDS = Needs(swept_grid=2, metric_options=("metric",))
WRITTEN = 8
"""Up to this many rows and columns, the cells show their numbers."""
TICKS = 8
"""The largest number of labels on an axis."""


@styled_in_part
def draw(tables: Tables, metric: str = "loss") -> Figure:
    """Draw the metric, with the first swept key on the x axis and the second on the y axis."""
    runs = tables.runs
    across, up = axes(runs, 2)[:2]
    rows = pd.DataFrame(
        {"x": values_of(runs, across), "y": values_of(runs, up), "best": is_best(runs)}
    )
    rows["value"] = of_runs(tables, metric)
    both = rows.groupby(["y", "x"], sort=False)["value"]
    parts = {metric_name(tables, metric): _table(rows[rows["best"]].set_index(["y", "x"])["value"])}
    if (both.size() > 1).any():
        parts["range over replicates"] = _table(both.max() - both.min())
    figure = Figure(figsize=(5.2 * len(parts), 4.4), layout="constrained")
    for ax, (title, table) in zip(
        figure.subplots(1, len(parts), squeeze=False)[0], parts.items(), strict=True
    ):
        _map(figure, ax, table, title)
        ax.set(xlabel=axis_label(across), ylabel=axis_label(up))
    several = int(both.size().max()) > 1
    note(figure, f"Left: {how_chosen(runs)}." if several else "One run of each condition.")
    return figure


def _table(values: pd.Series) -> pd.DataFrame:
    """The values as a table by (y, x); numbers are sorted, and texts are in order of appearance."""
    up, across = (_in_order(values.index.unique(level)) for level in ("y", "x"))
    cells = values.reindex(pd.MultiIndex.from_product([up, across]))
    return pd.DataFrame(cells.to_numpy(float).reshape(len(up), len(across)), up, across)


def _in_order(values: pd.Index) -> pd.Index:
    return values.sort_values() if pd.api.types.is_numeric_dtype(values) else values


def _map(figure: Figure, ax: Axes, table: pd.DataFrame, title: str) -> None:
    values = table.to_numpy(float)
    form = LogNorm if spans_decades(values) else Normalize
    norm = form(np.nanmin(values), max(np.nanmax(values), np.nanmin(values) + 1e-12))
    image = ax.imshow(values, cmap="viridis", norm=norm, origin="lower", aspect="auto")
    ax.set_facecolor(FAINT)
    ax.set_title(title)
    for axis, index in ((ax.xaxis, table.columns), (ax.yaxis, table.index)):
        step = -(-len(index) // TICKS)
        axis.set_ticks(range(0, len(index), step), labels=_texts(index)[::step])
    figure.colorbar(image, ax=ax)
    if max(values.shape) <= WRITTEN:
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                dark = norm(value) < 0.6
                ax.text(column, row, f"{value:.2g}", ha="center", va="center", fontsize=8,
                        color="white" if dark else "black")  # fmt: skip


def _texts(index: pd.Index) -> list[str]:
    if pd.api.types.is_numeric_dtype(index):
        return number_texts(index.to_numpy())
    return [value.replace("_", " ").replace(", ", ",\n") for value in index]
