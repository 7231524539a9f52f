"""Collapse of correlated pairs to their principal components as density rises (F12)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator, NullFormatter

from superpos.config.condition import Positive
from superpos.config.needs import Needs
from superpos.papers.toy_models.correlated import sets
from superpos.papers.toy_models.correlated.set_marks import SET_COLOURS, solution
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import conditions, rule, shown, weights
from superpos.plotting.style import FAINT, INK, styled
from superpos.tables import Tables

CAPTION = (
    "Three correlated pairs in two dimensions. Dense pairs collapse to their principal components,"
    " of radius 1/√2 (dotted circle); sparse ones keep six directions near the unit circle. Below:"
    " how many pairs are collapsed, in the best run, in single runs and in the paper's text; and"
    " what each count loses, up to 12 % more than the least. Section “Correlated and Anticorrelated"
    " Features”, collapse."
)
NEEDS = Needs(
    n_features=6,
    n_hidden=2,
    sets=3,
    data=("correlated",),
    density=True,
    by=("density",),
    density_options=("panels",),
)
# PAPER: all sets collapsed at 0.25 and above, two at 0.15 to 0.2, one at 0.05 to 0.15, none below.
TEXT = ((0.25, 1.0, 3), (0.15, 0.2, 2), (0.05, 0.15, 1), (0.0, 0.05, 0))
MARKERS = ("o", "s", "^", "D")
MOST_EXCESS = 12
"""Per cent above the smallest loss; a run that loses more is stuck."""


@styled
def draw(tables: Tables, panels: Sequence[Positive]) -> Figure:
    """Five solutions, dense first; below them, counts and losses against density."""
    parts = conditions(tables)
    figure = Figure(figsize=(9.4, 6.1), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[1, 1.35])
    _panels(top, [tables.where(density=float(p)) for p in panels])
    counts, excess = bottom.subplots(1, 2)
    _counts(counts, parts)
    _excess(excess, parts)
    note(figure, f"Shown: the {rule(tables.where(density=float(panels[0]))).split(',')[0]}, at each"
                 f" density: {_replicates(tables, panels)}.\nA pair counts as collapsed where its"
                 f" members are less than {sets.COLLAPSED:g} apart.")  # fmt: skip
    return figure


def _panels(figure: SubFigure, parts: list[Tables]) -> None:
    axes = figure.subplots(1, len(parts), squeeze=False)[0]
    for ax, part in zip(axes, parts, strict=True):
        run, features = shown(part)
        W, n_sets = weights(features), int(run["data_sets"])
        solution(ax, W, n_sets, (1.0, 1 / np.sqrt(2)))
        count = int(sets.collapsed(W, n_sets).sum())
        ax.set_title(f"1 − S = {run['density']:g}\n{count or 'none'} collapsed")
    axes[0].set_xlabel("⟵ more PCA-like", fontsize=10)
    axes[-1].set_xlabel("more superposition ⟶", fontsize=10)


def _counts(ax: Axes, parts: list[Tables]) -> None:
    density = [float(part.runs["density"].iloc[0]) for part in parts]
    for low, high, count in TEXT:
        span = (max(low, 0.8 * min(density)), min(high, 1.2 * max(density)))
        ax.plot(span, (count, count), color=FAINT, linewidth=9, alpha=0.35,
                solid_capstyle="butt", label="paper's text" if count == 3 else None)  # fmt: skip
    counts = [_collapsed(part) for part in parts]
    largest = max(map(len, counts))
    for p, values in zip(density, counts, strict=True):
        found, often = np.unique(values, return_counts=True)
        ax.scatter([p] * len(found), found, s=90 * often / largest, color=SET_COLOURS[1], zorder=3)
    ax.scatter([], [], s=45, color=SET_COLOURS[1], label="single runs, by area")
    best = [int(_collapsed(part.best())[0]) for part in parts]
    ax.plot(density, best, "-", color=INK, drawstyle="steps-mid", label="best run")
    _density_axis(ax, density)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(ylabel="collapsed pairs", ylim=(-0.35, 3.35))
    ax.legend(loc="upper right")


def _excess(ax: Axes, parts: list[Tables]) -> None:
    """The smallest loss of the runs with each count, relative to the smallest of all."""
    density = [float(part.runs["density"].iloc[0]) for part in parts]
    least = np.array([[_least_loss(part, count) for part in parts] for count in range(4)])
    excess = 100 * (least / np.nanmin(least, axis=0) - 1)
    excess[excess > MOST_EXCESS] = np.nan
    for count, (marker, colour) in enumerate(zip(MARKERS, (INK, *SET_COLOURS), strict=True)):
        ax.plot(density, excess[count], marker=marker, color=colour, markersize=5, linewidth=1,
                label=f"{count or 'none'} collapsed", clip_on=True)  # fmt: skip
    _density_axis(ax, density)
    ax.set(ylabel="least loss above the least of all (%)", ylim=(-0.4, MOST_EXCESS))
    ax.legend(loc="upper left")


def _density_axis(ax: Axes, density: list[float]) -> None:
    ax.set(
        xscale="log",
        xlabel="feature density 1 − S",
        xlim=(1.15 * max(density), min(density) / 1.15),
    )
    ticks = (0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.02, 0.01)
    ax.set_xticks(ticks, labels=[f"{p:g}".lstrip("0") for p in ticks])
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.minorticks_off()


def _collapsed(part: Tables) -> np.ndarray:
    """How many sets are collapsed in each run, by replicate."""
    n_sets = int(part.runs["data_sets"].iloc[0])
    rows = part.features.sort_values(["replicate", "feature"]).groupby("replicate")["W"]
    return np.array(
        [sets.collapsed(np.array(W.tolist(), float), n_sets).sum() for _, W in rows], int
    )


def _least_loss(part: Tables, count: int) -> float:
    losses = part.runs.sort_values("replicate")["loss"].to_numpy(float)
    found = losses[_collapsed(part) == count]
    return float(found.min()) if len(found) else float("nan")


def _replicates(tables: Tables, panels: Sequence[float]) -> str:
    named = [
        f"replicate {shown(tables.where(density=float(p)))[0]['replicate']} at {p:g}"
        for p in panels
    ]
    return ", ".join(named)
