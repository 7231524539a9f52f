"""Collapse of correlated pairs to their principal components as density rises (F12)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator, NullFormatter

from superpos.config.condition import Positive
from superpos.config.needs import Needs
from superpos.papers.toy_models.correlated import set_measures, sets
from superpos.papers.toy_models.correlated.set_marks import SET_COLOURS, solution
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import best_run, conditions, rule, weights
from superpos.plotting.style import FAINT, INK, styled
from superpos.tables import Tables

CAPTION = (
    "Three correlated pairs in two dimensions. Dense pairs collapse to their principal components, at a"
    " radius of at most 1/√2 (dotted circle). Sparse pairs keep six directions near the unit circle. Below"
    " on the left: the number of collapsed pairs in the best run at rest, in all runs at rest, in single"
    " runs of the authors' recipe, and in the paper's figure. Below on the right: how much more than the"
    " best run the best run with each number of collapsed pairs loses. The models of F12 are at rest; those"
    " of F12_recipe were trained by the authors' recipe. Section “Correlated and Anticorrelated Features”,"
    " collapse."
)
NEEDS = Needs(
    n_features=6,
    n_hidden=2,
    sets=3,
    data=("correlated",),
    density=True,
    by=("density",),
    density_options=("panels",),
    of_first=True,
)
# PAPER: all pairs are collapsed at 0.25 and above, two at 0.15 to 0.2, one at 0.05 to 0.15, none below.
RANGES = ((0.25, 1.0, 3), (0.15, 0.2, 2), (0.05, 0.15, 1), (0.0, 0.05, 0))
MARKERS = ("o", "s", "^", "D")
MOST_EXCESS = 12
"""Per cent above the smallest loss; a run that loses more is stuck."""
ASIDE = 0.17
"""How far above and below a number of pairs the runs of the two trainings are drawn."""


@styled
def draw(tables: Tables, panels: Sequence[Positive]) -> Figure:
    """Draw five solutions, dense ones first, and below them counts and losses against density.

    The solutions and losses are those of the first experiment; counts of others are drawn beside them.
    """
    names = list(dict.fromkeys(tables.runs["experiment"]))
    tables, others = tables.of(names[0]), [tables.of(name) for name in names[1:]]
    parts = conditions(tables)
    figure = Figure(figsize=(9.4, 6.3), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[1, 1.35])  # type: ignore[misc]
    _panels(top, [tables.where(density=float(p)) for p in panels])
    counts, excess = bottom.subplots(1, 2)
    _counts(counts, parts, [conditions(other) for other in others])
    stuck = _excess(excess, parts)
    left_out = (
        f" {stuck} losses more than {MOST_EXCESS}% above the best are left out." if stuck else ""
    )
    best = rule(tables.where(density=float(panels[0]))).split(",")[0]
    note(figure, f"Above, at each density: the {best} ({_replicates(tables, panels)}).\nA pair counts as"
                 f" collapsed if its features are less than {sets.COLLAPSED:g} apart. A dot's area"
                 f" is the share of runs.{left_out}")  # fmt: skip
    return figure


def _panels(figure: SubFigure, parts: list[Tables]) -> None:
    axes = figure.subplots(1, len(parts), squeeze=False)[0]
    for ax, part in zip(axes, parts, strict=True):
        run, features = best_run(part)
        W, n_sets = weights(features), int(run["data_sets"])
        solution(ax, W, n_sets, (1.0, 1 / np.sqrt(2)))
        count = int(sets.collapsed(W, n_sets).sum())
        ax.set_title(f"1 − S = {run['density']:g}\n{count or 'none'} collapsed")
    axes[0].set_xlabel("⟵ more PCA-like", fontsize=10)
    axes[-1].set_xlabel("more superposition ⟶", fontsize=10)


def _counts(ax: Axes, parts: list[Tables], others: list[list[Tables]]) -> None:
    density = _densities(parts)
    for low, high, count in RANGES:
        low, high = max(low, 0.8 * min(density)), min(high, 1.2 * max(density))
        ax.barh(count, high - low, 3 * ASIDE, low, color=FAINT, alpha=0.3,
                label="paper's figure" if count == 3 else None)  # fmt: skip
    best = [int(_collapsed(part.best())[0]) for part in parts]
    ax.plot(density, best, "-", color=INK, drawstyle="steps-mid", label="best run at rest")
    _shares(ax, parts, ASIDE if others else 0, SET_COLOURS[1], "single runs at rest")
    for other in others:
        _shares(ax, other, -ASIDE, SET_COLOURS[0], "single runs of the recipe")
    _density_axis(ax, density)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(ylabel="collapsed pairs", ylim=(-0.45, 3.45))
    ax.legend(loc="upper right")


def _shares(ax: Axes, parts: list[Tables], above: float, colour: str, label: str) -> None:
    """Draw dots whose area is the fraction of runs with each number of collapsed pairs."""
    for part in parts:
        found, often = np.unique(_collapsed(part), return_counts=True)
        ax.scatter(_densities([part] * len(found)), found + above, s=70 * often / often.sum(),
                   color=colour, zorder=3)  # fmt: skip
    ax.scatter([], [], s=45, color=colour, label=label)


def _densities(parts: list[Tables]) -> list[float]:
    return [float(part.runs["density"].iloc[0]) for part in parts]


def _excess(ax: Axes, parts: list[Tables]) -> int:
    """Draw the smallest loss of the runs with each count, relative to the smallest of all.

    Returns how many of these are left out because they are above MOST_EXCESS.
    """
    density = _densities(parts)
    least = np.array([[_least_loss(part, count) for part in parts] for count in range(4)])
    excess = 100 * (least / np.nanmin(least, axis=0) - 1)
    stuck = excess > MOST_EXCESS
    excess[stuck] = np.nan
    for count, (marker, colour) in enumerate(zip(MARKERS, (INK, *SET_COLOURS), strict=True)):
        ax.plot(density, excess[count], marker=marker, color=colour, markersize=5, linewidth=1,
                label=f"{count or 'none'} collapsed", clip_on=True)  # fmt: skip
    _density_axis(ax, density)
    ax.set(ylabel="loss above the best run's (%)", ylim=(-0.4, MOST_EXCESS))
    ax.legend(loc="upper center")
    return int(stuck.sum())


def _density_axis(ax: Axes, density: list[float]) -> None:
    ax.set(
        xscale="log",
        xlabel="feature density 1 − S",
        xlim=(1.15 * max(density), min(density) / 1.15),
    )
    ticks = (0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.02, 0.01)
    ax.set_xticks(ticks, labels=[f"{p:g}" for p in ticks])
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.minorticks_off()


def _collapsed(part: Tables) -> np.ndarray:
    """How many pairs are collapsed in each run, by replicate."""
    return np.array(set_measures.each(part, set_measures.count_collapsed), int)


def _least_loss(part: Tables, count: int) -> float:
    losses = part.runs.sort_values("replicate")["loss"].to_numpy(float)
    found = losses[_collapsed(part) == count]
    return float(found.min()) if len(found) else float("nan")


def _replicates(tables: Tables, panels: Sequence[float]) -> str:
    named = [f"{best_run(tables.where(density=float(p)))[0]['replicate']} at {p:g}" for p in panels]
    return "replicates " + ", ".join(named)
