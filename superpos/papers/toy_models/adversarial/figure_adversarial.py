"""Vulnerability to small attacks against sparsity (section "Superposition and Adversarial Robustness").

ASSUME: the paper gives no n and m for this figure; from its plateau at 3.2 and from up to 4.8 features
per dimension we infer n of 60 to 100 and m of 10 to 20, because exact antipodal pairs give 3.2 to 3.5
at n = 60, m = 10, but 2.0 at n = 400, m = 30.
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
    "How much more a small attack on the input costs than in a model without superposition, W = [1ₘ 0],"
    " and features per dimension, as features become sparser; right, the one against the other. The"
    " attack is the worst for each input among the analytic ones, a tenth of the mean input norm long."
    " Section “Superposition and Adversarial Robustness”."
)
NEEDS = Needs(
    metrics=("vulnerability", "vulnerability_to_one_attack", "features_per_dimension"),
    density=True,
    by=("density",),
    conditions=2,
)
BLUE, ORANGE, GREEN = MODEL_COLOURS[:3]
# PAPER: orange lines where models start to use superposition, and more than antipodal pairs.
STARTS = ((1.6, "superposition\nstarts"), (3.4, "more than\nantipodal pairs"))


@styled
def draw(tables: Tables) -> Figure:
    """Two stacked lines, and a scatter beside them."""
    figure = Figure(figsize=(9.2, 5.2), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1.65, 1])
    shown = tables.best().runs.sort_values("density", ascending=False)
    _lines(left, tables.runs, shown)
    _scatter(right.subplots(), tables.runs, shown)
    note(figure, _small_print(tables, shown))
    return figure


def _lines(figure: SubFigure, runs: pd.DataFrame, shown: pd.DataFrame) -> None:
    top, bottom = figure.subplots(2, 1, height_ratios=[1.3, 1], sharex=True)
    paper = ADVERSARIAL.T
    for ax, column, printed in (
        (top, "vulnerability", paper[1]),
        (bottom, "features_per_dimension", paper[2]),
    ):
        ax.plot(sparsity(runs), runs[column], ".", color=BLUE, markersize=3, alpha=0.45)
        ax.plot(sparsity(shown), shown[column], color=BLUE, linewidth=1.5, zorder=3,
                label=f"{size(shown)}, worst for each input")  # fmt: skip
        ax.plot(paper[0], printed, "x", color=INK, markersize=4, markeredgewidth=0.7,
                label="the paper, read off its figure")  # fmt: skip
        for x, _ in STARTS:
            ax.axvline(x, color=ORANGE, linewidth=1.1, linestyle=":")
        sparsity_axis(ax, last=sparsest(runs), labelled=ax is bottom)
    top.plot(sparsity(shown), shown["vulnerability_to_one_attack"], color=GREEN, linewidth=1,
             label="one attack for all inputs")  # fmt: skip
    for x, text in STARTS:
        top.annotate(text, (x, 0.98), (3, 0), xycoords=("data", "axes fraction"), va="top", fontsize=8,
                     textcoords="offset points", color=ORANGE)  # fmt: skip
    top.set(ylabel="vulnerability  (L′ − L) / (L′₀ − L₀)")
    top.set_ylim(0, 1.12 * max(runs["vulnerability"].max(), 8.5))
    top.yaxis.set_major_formatter(lambda value, _: f"{value:g} ×")
    bottom.set(ylabel="features per dimension\n‖W‖²F / m", 
               ylim=(0.8, max(5.2, 1.05 * runs["features_per_dimension"].max())))  # fmt: skip
    top.legend(loc="center left", bbox_to_anchor=(0, 0.6))


def _scatter(ax: Axes, runs: pd.DataFrame, shown: pd.DataFrame) -> None:
    ax.plot(
        runs["features_per_dimension"],
        runs["vulnerability"],
        ".",
        color=BLUE,
        markersize=3,
        alpha=0.45,
    )
    ax.plot(
        shown["features_per_dimension"], shown["vulnerability"], "o", color=BLUE, markersize=4.5
    )
    ax.plot(ADVERSARIAL[:, 2], ADVERSARIAL[:, 1], "x", color=INK, markersize=4, markeredgewidth=0.7)
    ax.axhline(1, color=FAINT, linewidth=0.6, linestyle=":")
    ax.set(xlabel="features per dimension  ‖W‖²F / m", ylabel="vulnerability", ylim=(0, None))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g} ×")


def _small_print(tables: Tables, shown: pd.DataFrame) -> str:
    condition = tables.where(condition=shown["condition"].iloc[0])
    correlation = shown[["vulnerability", "features_per_dimension"]].rank().corr().iloc[0, 1]
    return (
        f"Line and large dots: {rule(condition).partition(', replicate')[0]} at each density (replicates"
        f" {' '.join(map(str, shown['replicate']))}); small dots: all replicates.\n"
        f"Rank correlation of the large dots {correlation:.3f}."
    )
