"""Linear and ReLU models as sparsity rises ("Demonstrating Superposition", basic results)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from superpos import theory
from superpos.figures._marks import (
    norm_bars,
    note,
    products,
    signed_scale,
    superposition_colours,
    superposition_scale,
)
from superpos.figures._rows import by_replicate, conditions, label, model, shown, weights
from superpos.figures._style import FAINT, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "A linear model and ReLU models as features become sparser. Top, inner products and bias;"
    " middle, feature norms, coloured by superposition; bottom, how many features have a norm above"
    " ½, and the held-out loss against the best linear model's. Section “Demonstrating"
    " Superposition”, basic results."
)


@styled
def draw(tables: Tables) -> Figure:
    """A column a condition: linear first, then from dense to sparse."""
    parts = conditions(tables)
    n = int(tables.runs["n_features"].max())
    heights = [1.75, 1.6 + n / 36, 2.3]
    figure = Figure(figsize=(1.32 * len(parts) + 1, sum(heights)), layout="constrained")
    rows = figure.add_gridspec(2, 1, height_ratios=[sum(heights[:2]), heights[2]])
    _stacks(figure.add_subfigure(rows[0]), parts, heights[:2])
    _spread(figure.add_subfigure(rows[1]), parts)
    note(figure, _text(parts))
    return figure


def _stacks(figure: SubFigure, parts: list[Tables], heights: list[float]) -> None:
    widths = [1.0] * len(parts) + [0.09]
    axes = figure.subplots(2, len(parts) + 1, width_ratios=widths, height_ratios=heights)
    for column, condition in zip(axes.T, parts, strict=False):
        run, features = shown(condition)
        column[0].set_title(f"{model(run)}\n{label(run)}")
        products(column[0], weights(features), features["bias"].to_numpy(float))
        _bars(column[1], condition)
    axes[1, 0].set_ylabel("feature")
    axes[1, 0].tick_params(labelleft=True)
    signed_scale(figure, axes[0, -1])
    superposition_scale(figure, axes[1, -1])


def _bars(ax: Axes, condition: Tables) -> None:
    run, features = shown(condition)
    colours = superposition_colours(features["superposition"].to_numpy(float))
    replicates = by_replicate(condition, "feature_norm")
    norm_bars(ax, features["feature_norm"].to_numpy(float), colours, replicates)
    ax.set(xlim=(0, 1.35), xticks=[0, 1], yticks=features["feature"][:: len(features) // 4])
    ax.tick_params(labelleft=False)
    ax.set_xlabel(f"norm\n(replicate {run['replicate']})")


def _spread(figure: SubFigure, parts: list[Tables]) -> None:
    """Range over replicates, median, and the shown run, against density."""
    counts, losses = figure.subplots(1, 2)
    for i, name in enumerate(dict.fromkeys(model(shown(c)[0]) for c in parts)):
        own = [c for c in parts if model(shown(c)[0]) == name]
        density = np.array([shown(c)[0]["density"] for c in own], float)
        for ax, column in ((counts, "represented"), (losses, "loss")):
            _ranges(ax, density, own, column, MODEL_COLOURS[i % len(MODEL_COLOURS)], name)
    _linear_optimum(losses, parts)
    counts.set(ylabel="features with norm > ½", ylim=(0, None))
    losses.set(ylabel="held-out loss", yscale="log")
    ticks = sorted({float(shown(c)[0]["density"]) for c in parts})
    for ax in (counts, losses):
        ax.set(xscale="log", xlabel="feature density 1 − S (sparse to the right)")
        ax.set_xticks(ticks, labels=[f"{p:g}" for p in ticks])
        ax.minorticks_off()
        ax.invert_xaxis()
        ax.legend()
    counts.yaxis.set_major_locator(MaxNLocator(integer=True))


def _ranges(
    ax: Axes, density: np.ndarray, parts: list[Tables], column: str, colour: str, name: str
) -> None:
    values = [c.runs[column].to_numpy(float) for c in parts]
    low, middle, high = (np.array([f(v) for v in values]) for f in (np.min, np.median, np.max))
    ax.vlines(density, low, high, color=colour, linewidth=1.2)
    ax.plot(density, middle, "_", color=colour, markersize=8)
    best = [shown(c)[0][column] for c in parts]
    ax.plot(density, best, "o-", color=colour, markersize=4, linewidth=0.8, label=f"{name}, shown")


def _linear_optimum(ax: Axes, parts: list[Tables]) -> None:
    rows = [shown(c) for c in parts]
    points = sorted(
        (
            run["density"],
            theory.linear_optimum(
                features["importance"].to_numpy(float),
                features["feature_density"].to_numpy(float),
                run["n_hidden"],
            ),
        )
        for run, features in rows
    )
    ax.plot(*zip(*points, strict=True), "--", color=FAINT, zorder=0, label="best linear, theory")


def _text(parts: list[Tables]) -> str:
    counts = sorted({int((c.runs["rank"] >= 0).sum()) for c in parts})
    picked = " or ".join(map(str, counts))
    return (
        f"Shown: the best of {picked} replicates of each column by held-out loss. Thin lines: range"
        " over replicates, with a tick at the median."
    )
