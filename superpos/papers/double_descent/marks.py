"""What the figures of this paper share: their axes, colours, and vectors in the plane."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from superpos.config.condition_table import RUN
from superpos.papers.double_descent.measures import SET, T
from superpos.papers.double_descent.regimes import variants
from superpos.plotting.style import BACKGROUND, FAINT, MODEL_COLOURS
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Float

FEATURES, SAMPLES = MODEL_COLOURS[:2]
"""The colours of features and of training samples."""
MOST_LINES = 300
"""The number of vectors in a panel that get a line from the origin, the longest ones; each gets a dot."""
FEW = 6
"""The number of sizes up to which each one is labelled."""
BEYOND = 3
"""The position of T = infinity on the axis, as a multiple of the largest finite T."""


def samples_axis(ax: Axes, sizes: np.ndarray, labelled: bool = True) -> None:
    """Make the x axis a logarithmic axis of the number T of training samples.

    sizes: all values of T in the data; NaN stands for infinity, as in `placed`.
    """
    first, last = float(np.nanmin(sizes)), float(np.nanmax(sizes))
    ax.set_xscale("log")
    ax.set_xlim(first / 1.25, 1.25 * float(placed(sizes).max()))
    round_ones = [t * 10**k for k in range(-2, 6) for t in (1, 2, 5) if first <= t * 10**k <= last]
    distinct = np.unique(sizes[np.isfinite(sizes)]).tolist()
    ticks = distinct if len(distinct) <= FEW else round_ones
    labels = [short_count(t) for t in ticks]
    if np.isnan(sizes).any():
        ticks, labels = [*ticks, BEYOND * last], [*labels, "∞"]
    ax.set_xticks(ticks, labels=labels if labelled else [""] * len(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    if labelled:
        ax.set_xlabel("training samples T")


def placed(sizes: np.ndarray) -> np.ndarray:
    """The positions on the axis of the numbers T of training samples; NaN (fresh samples) is at the end."""
    return np.where(np.isnan(sizes), BEYOND * np.nanmax(sizes), sizes)


def short_count(count: float) -> str:
    """A count in as few characters as possible: "500", "2k"."""
    return f"{count / 1000:g}k" if count >= 1000 else f"{count:g}"


def excess_axis(ax: Axes, n_features: int) -> None:
    """Make the y axis show the test loss minus 1: linear below 10/n and logarithmic above."""
    unit = 10 / n_features
    ax.set_yscale("symlog", linthresh=unit)
    low, high = 1.4 * min(ax.dataLim.y0, -unit / 2), 2 * max(ax.dataLim.y1, unit)
    ax.set_ylim(low, high)
    powers = [unit * 10**k for k in range(12) if unit * 10**k <= high]
    ticks = [*(t for t in (-unit,) if t >= low), 0.0, *powers[:: 1 + len(powers) // 6]]
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}".replace("-", "−")))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.axhline(0, color=FAINT, linewidth=0.6, linestyle=":", zorder=0)


def over_sets(ax: Axes, x: pd.Series, y: np.ndarray, colour: str, **line: Any) -> None:
    """Draw y over x: a line through the means over the training sets, and a light dot for each set.

    The mean of runs on fresh samples, whose x is NaN, is a diamond at the end of the axis.
    """
    sizes = x.to_numpy(float)
    at = placed(sizes)
    ax.plot(at, y, "o", color=colour, markersize=3, alpha=0.35, markeredgewidth=0, zorder=2)
    means = pd.Series(y).groupby(sizes).mean()
    ax.plot(means.index, means, linestyle="-", color=colour, linewidth=1.5, zorder=3, **line)
    if (fresh := np.isnan(sizes)).any():
        ax.plot(at[fresh][:1], y[fresh].mean(), "D", color=colour, markersize=4, zorder=3)


def by_size(tables: Tables) -> Iterator[tuple[str, Tables]]:
    """The best run of each condition of the first training set, from small to large T, with a title.

    The title names the loss too if several experiments have one T. The first run on fresh samples
    comes last.
    """
    runs = tables.runs
    kept = np.where(runs[T].isna(), runs["replicate"] == 0, runs["rank"] == 0)
    first = first_set(tables.chosen(kept))
    runs = first.runs.sort_values(T, kind="stable")
    apart = runs[T].duplicated().any()
    for _, run in runs.iterrows():
        loss = "sum" if run["experiment"] in (*variants.TEXT, variants.FRESH["text"]) else "mean"
        size = "∞" if np.isnan(run[T]) else f"{int(run[T]):,}"
        title = f"T = {size}" + (f", {loss}" if apart else "")
        yield title, first.where(**{name: run[name] for name in RUN})


def first_set(tables: Tables) -> Tables:
    """The runs on the training set with the lowest number, and all runs on fresh samples.

    These are all runs if no sweep has several sets.
    """
    if SET not in tables.runs:
        return tables
    others = tables.runs[tables.runs[SET] > tables.runs[SET].min()]
    return tables.without(others.groupby("experiment")["condition"].agg(set).to_dict())


def vectors(ax: Axes, points: Float[np.ndarray, "vector 2"], colour: str) -> None:
    """Draw vectors as dots, and the longest also as lines; the axis label gives the panel's half width."""
    length = np.hypot(*points.T)
    longest = points[np.argsort(-length, kind="stable")[:MOST_LINES]]
    many = len(points) > 40
    lines = np.stack([np.zeros_like(longest), longest], axis=1)
    ax.add_collection(LineCollection(
        list(lines), colors=colour, linewidths=0.4 if many else 0.9, alpha=0.35 if many else 0.8,
        rasterized=many))  # fmt: skip
    ax.plot(*points.T, "o", color=colour, markersize=2 if many else 4, markeredgewidth=0,
            alpha=0.7, rasterized=many)  # fmt: skip
    edge = 1.15 * max(float(length.max()), 1e-9)
    ax.set(xlim=(-edge, edge), ylim=(-edge, edge), xticks=[], yticks=[], xlabel=f"±{edge:.2g}")
    ax.set(aspect="equal", facecolor=BACKGROUND)
    ax.spines[:].set_visible(True)


def columns_of_W(part: Tables) -> Float[np.ndarray, "feature 2"]:
    """The columns of W of one run."""
    return np.array(part.features["W"].tolist(), float)


def hidden(part: Tables) -> Float[np.ndarray, "sample 2"]:
    """The hidden vectors of one run's training samples."""
    return np.array(part.samples["h"].tolist(), float)


def vector_rows(axes: np.ndarray, parts: list[tuple[str, Tables]]) -> None:
    """Draw a column of two panels for each run: the columns of W above, the hidden vectors below."""
    for (above, below), (title, part) in zip(axes.T, parts, strict=True):
        vectors(above, columns_of_W(part), FEATURES)
        above.set_title(title)
        if len(part.samples):
            vectors(below, hidden(part), SAMPLES)
        else:
            below.set_axis_off()
            below.text(
                0.5, 0.5, "fresh\nsamples", ha="center", va="center", transform=below.transAxes
            )
    axes[0, 0].set_ylabel("columns of W", color=FEATURES)
    axes[1, 0].set_ylabel("h of samples", color=SAMPLES)


def drawn_vectors(tables: Tables) -> str:
    """The note in the small print about vectors drawn without lines; empty if all have one."""
    n = int(tables.runs["n_features"].max())
    return f"Only the {MOST_LINES} longest vectors of a panel have lines." if n > MOST_LINES else ""


def training_sets(runs: pd.DataFrame) -> str:
    """The number of training sets in words, "4 training sets at each T" or "1 to 4 ..."."""
    counts, fresh = [_count(part) for _, part in runs.groupby(T)], int(runs[T].isna().sum())
    words = "" if min(counts) == max(counts) else f"{min(counts)} to "
    also = f" ({fresh} run{'s' * (fresh > 1)} on fresh samples, ∞)" if fresh else ""
    return f"{words}{_sets(max(counts))} at each T{also}"


def sets(runs: pd.DataFrame) -> str:
    """How many training sets the runs have, in words."""
    return _sets(_count(runs))


def _count(runs: pd.DataFrame) -> int:
    return int(runs[SET].nunique(dropna=False)) if SET in runs else 1


def _sets(count: int) -> str:
    return "1 training set" if count == 1 else f"{count} training sets"
