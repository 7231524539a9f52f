"""A metric against a swept value: the best run, and the spread over replicates."""

import textwrap

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from superpos.config import swept
from superpos.config.needs import Needs
from superpos.plotting.general.conditions import (
    axes,
    axis_label,
    counts,
    how_chosen,
    is_best,
    labels,
    place_values,
    values_of,
)
from superpos.plotting.general.values_of_runs import metric_name, of_runs, spans_decades
from superpos.plotting.marks import note
from superpos.plotting.style import MODEL_COLOURS, styled_in_part
from superpos.tables import Tables

CAPTION = (
    "A metric of the runs against a swept value. The dots are the best run of each condition, the thin line"
    " is the median over replicates, and the band or bar is their range. If other keys are swept too, each"
    " combination of their values has a colour.{swept}"
)
NEEDS = Needs(conditions=2, metric_options=("metric",), swept_options=("over",))
SCALE = ListedColormap(mpl.colormaps["viridis"](np.linspace(0, 0.92, 256)))
"""The colours of lines, without the brightest yellow."""
NAMED = 12
"""Up to this many lines are named in a legend."""
ROOM = 9
"""Each number is labelled if the axis has room for all labels at their smallest distance."""
LETTERS = 40
"""The number of characters after which a name in the legend goes on in a new line."""


@styled_in_part
def draw(tables: Tables, metric: str = "loss", over: str | None = None) -> Figure:
    """Draw the metric over the swept key `over`, by default the one with the most values."""
    runs, keys = tables.runs, axes(tables.runs, 1)
    over = over or _longest(runs, keys)
    others = [key for key in keys if key != over]
    x, texts, are_numbers = place_values(values_of(runs, over).to_numpy())
    line = labels(runs, others)
    rows = pd.DataFrame({"x": x, "y": of_runs(tables, metric), "line": line, "best": is_best(runs)})
    names = line.unique().tolist()
    named = 1 < len(names) <= NAMED
    figure = Figure(figsize=(6.4 + 2.4 * named, 4.2), layout="constrained")
    ax = figure.subplots()
    told = values_of(runs, others[0]).groupby(line, sort=False).first() if others else line
    scale = _scale(told) if len(others) == 1 and len(names) > NAMED else None
    colours = _colours(len(names)) if scale is None else scale.to_rgba(told.to_numpy(float))
    for k, each in enumerate(names):
        shift = 0 if are_numbers else 0.6 * ((k + 0.5) / len(names) - 0.5)
        _line(ax, rows[rows["line"] == each], colours[k], shift, are_numbers)
        ax.plot([], [], "o-", color=colours[k], label=textwrap.fill(each, LETTERS))
    _x_axis(ax, x, texts, are_numbers)
    ax.set(xlabel=axis_label(over), ylabel=metric_name(tables, metric))
    if spans_decades(rows["y"].to_numpy()):
        ax.set_yscale("log")
    if named:
        figure.legend(loc="outside right upper")
    elif scale is not None:
        figure.colorbar(scale, ax=ax, label=axis_label(others[0]))
    note(figure, _small_print(runs, rows["y"].notna(), others, len(names)))
    return figure


def _longest(runs: pd.DataFrame, keys: list[str]) -> str:
    """The swept key with the most values; a key whose values are numbers is preferred."""
    counts = {}
    for key in keys:
        values = values_of(runs, key)
        counts[key] = (pd.api.types.is_numeric_dtype(values), values.nunique())
    return max(counts, key=lambda key: counts[key])


def _colours(count: int) -> list[str] | np.ndarray:
    if count <= len(MODEL_COLOURS):
        return list(MODEL_COLOURS)
    colours: np.ndarray = SCALE(np.linspace(0, 1, count))
    return colours


def _line(
    ax: Axes, rows: pd.DataFrame, colour: str | np.ndarray, shift: float, are_numbers: bool
) -> None:
    """Draw one line: the range and the median over replicates, and the best runs."""
    by_x = rows.groupby("x")["y"]
    low, middle, high = by_x.min(), by_x.median(), by_x.max()
    x = low.index.to_numpy(float) + shift
    best = rows[rows["best"]].sort_values("x")
    spread = (by_x.size() > 1).any()
    if are_numbers:
        if spread:
            ax.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
            ax.plot(x, middle, color=colour, linewidth=0.8)
        ax.plot(best["x"], best["y"], "o", color=colour, markersize=4, zorder=3)
        if not spread:
            ax.plot(best["x"], best["y"], color=colour, linewidth=0.8)
    else:
        ax.vlines(x, low, high, color=colour, linewidth=1.4)
        ax.plot(x, middle, "_", color=colour, markersize=9)
        ax.plot(best["x"] + shift, best["y"], "o", color=colour, markersize=5, zorder=3)


def _x_axis(ax: Axes, x: np.ndarray, texts: list[str], are_numbers: bool) -> None:
    places = np.unique(x)
    if not are_numbers:
        ax.set_xlim(-0.6, len(texts) - 0.4)
        turned = sum(map(len, texts)) > 70
        ax.set_xticks(places, labels=[t.replace("_", " ") for t in texts])
        ax.tick_params("x", rotation=30 * turned)
        return
    logarithmic = spans_decades(places, 1)
    if logarithmic:
        ax.set_xscale("log")
    at = np.log(places) if logarithmic else places
    if len(at) == 1 or np.diff(at).min() > np.ptp(at) / ROOM:
        ax.set_xticks(places, labels=texts)
        ax.xaxis.set_minor_locator(NullLocator())


def _scale(values: pd.Series) -> ScalarMappable | None:
    """The scale of the colours of many lines that differ in a number; None for texts."""
    if not pd.api.types.is_numeric_dtype(values):
        return None
    form = LogNorm if spans_decades(values.to_numpy(float), 1) else Normalize
    return ScalarMappable(form(values.min(), values.max()), SCALE)


def _small_print(runs: pd.DataFrame, valued: pd.Series, others: list[str], lines: int) -> str:
    sound = runs["loss"].notna()
    part = bool((sound & ~valued).any())
    if counts(runs, sound) == "1":
        said = "One run of each condition."
    else:
        said = (
            f"Dots: {how_chosen(runs)}. Line: the median of"
            f" {counts(runs, valued)} runs{' that have a value' if part else ''}. Band or bar: their range."
        )
    if lines > NAMED:
        said += f" A colour for each of {lines} combinations of {' and '.join(map(swept.key_name, others))}."
    return said
