"""Vulnerability to small attacks against sparsity (section "Superposition and Adversarial Robustness").

ASSUME: the paper gives no n and m for this figure. n = 100 and m = 20 give its plateau of 3.2 to 3.3 with
one attack length for all densities, which superpos/metrics/vulnerability.py explains. Both were inferred
from the printed curve. Below 1/(1 - S) = 1.8 our models are more vulnerable than the printed curve: that
part of the procedure is unknown.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from superpos.config.needs import Needs
from superpos.papers.toy_models.adversarial.digitised import ADVERSARIAL
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import rule, size
from superpos.plotting.sparsity import sparsest, sparsity, sparsity_axis
from superpos.plotting.style import FAINT, INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "How much more a small attack on the input costs a model than it costs a model without superposition,"
    " W = [1ₘ 0], and the number of features per dimension, as features become sparser. On the right, the"
    " one is drawn against the other. For each input the attack is the worst of the analytic ones, which"
    " point along the rows of WᵀW; at every density it is as long as a tenth of the input norm averaged"
    " over all densities. The green line is for one attack that all inputs share. The rate of the blue"
    " models falls to 0; the pink ones were trained at a constant rate, by the authors' recipe, one at each"
    " density. Section “Superposition and Adversarial Robustness”."
)
NEEDS = Needs(
    metrics=("vulnerability", "vulnerability_to_one_attack", "features_per_dimension"),
    density=True,
    by=("density",),
    conditions=2,
)
BLUE, ORANGE, GREEN, PINK = MODEL_COLOURS
# PAPER: orange lines where models start to use superposition, and more than antipodal pairs.
STARTS = ((1.6, "superposition\nstarts"), (3.4, "more than\nantipodal pairs"))


@styled
def draw(tables: Tables) -> Figure:
    """Draw two stacked line plots and a scatter plot: the first experiment, and any others beside it."""
    figure = Figure(figsize=(9.2, 5.6), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1.65, 1])  # type: ignore[misc]
    names = tables.runs["experiment"].unique()
    parts = [(tables.of(name), colour) for name, colour in zip(names, (BLUE, PINK), strict=False)]
    _lines(left, parts, sparsest(tables.runs))
    _scatter(right.subplots(), parts)
    note(figure, _small_print(parts[0][0]))
    return figure


def _best(part: Tables) -> pd.DataFrame:
    return part.best().runs.sort_values("density", ascending=False)


def _lines(figure: SubFigure, parts: list[tuple[Tables, str]], last: float) -> None:
    top, bottom = figure.subplots(2, 1, height_ratios=[1.5, 1], sharex=True)
    for ax, column, printed in ((top, "vulnerability", 1), (bottom, "features_per_dimension", 2)):
        for part, colour in parts:
            shown = _best(part)
            ax.plot(
                sparsity(part.runs), part.runs[column], ".", color=colour, markersize=3, alpha=0.45
            )
            ax.plot(sparsity(shown), shown[column], color=colour, linewidth=1.4, zorder=3,
                    label=_name(part, parts))  # fmt: skip
        ax.plot(ADVERSARIAL[:, 0], ADVERSARIAL[:, printed], "x", color=INK, markersize=4.5,
                markeredgewidth=0.9, zorder=4, label="the paper, read off its figure")  # fmt: skip
        for x, _ in STARTS:
            ax.axvline(x, color=ORANGE, linewidth=1.1, linestyle=":")
        sparsity_axis(ax, last=last, labelled=ax is bottom)
    shown = _best(parts[0][0])
    top.plot(sparsity(shown), shown["vulnerability_to_one_attack"], color=GREEN, linewidth=1,
             label="one attack for all inputs")  # fmt: skip
    for x, text in STARTS:
        top.annotate(text, (x, 0.98), (3, 0), xycoords=("data", "axes fraction"), va="top", fontsize=8,
                     textcoords="offset points", color=ORANGE)  # fmt: skip
    highest = max(top.dataLim.y1, 8.5)
    top.set(ylabel="vulnerability  (L′ − L) / (L′₀ − L₀)", ylim=(0, 1.2 * highest))
    top.yaxis.set_major_formatter(lambda value, _: f"{value:g} ×")
    bottom.set(
        ylabel="features per dimension\nΣ ‖Wᵢ‖² / m",
        ylim=(0.8, max(5.2, 1.05 * bottom.dataLim.y1)),
    )
    top.legend(loc="upper left", bbox_to_anchor=(0, 0.86), frameon=True, facecolor="white",
               framealpha=1, edgecolor="none", borderpad=0.2)  # fmt: skip


def _name(part: Tables, parts: list[tuple[Tables, str]]) -> str:
    if part is not parts[0][0]:
        return "the same, by the authors' recipe"
    return size(part.runs) + (", rate falls to 0" if len(parts) > 1 else "")


def _scatter(ax: Axes, parts: list[tuple[Tables, str]]) -> None:
    for part, colour in parts:
        for runs, marker, how in ((part.runs, ".", 0.45), (_best(part), "o", 1)):
            ax.plot(runs["features_per_dimension"], runs["vulnerability"], marker, color=colour,
                    markersize=3 if marker == "." else 4, alpha=how)  # fmt: skip
    ax.plot(
        ADVERSARIAL[:, 2],
        ADVERSARIAL[:, 1],
        "x",
        color=INK,
        markersize=4.5,
        markeredgewidth=0.9,
        zorder=4,
    )
    ax.axhline(1, color=FAINT, linewidth=0.6, linestyle=":")
    ax.set(xlabel="features per dimension  Σ ‖Wᵢ‖² / m", ylabel="vulnerability", ylim=(0, None))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g} ×")


def _small_print(first: Tables) -> str:
    shown = _best(first)
    condition = first.where(condition=shown["condition"].iloc[0])
    return (
        f"Lines and large dots: {rule(condition).partition(', replicate')[0]} at each density for the blue"
        " models; small dots: all runs."
    )
