"""Linear and ReLU models as sparsity rises ("Demonstrating Superposition", basic results)."""

from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FixedLocator, MaxNLocator

from superpos.config.needs import Needs
from superpos.plotting.marks import (
    norm_bars,
    note,
    products,
    reach,
    signed_scale,
    superposition_colours,
    superposition_scale,
)
from superpos.plotting.shown_runs import (
    best_linear_loss,
    best_run,
    by_replicate,
    candidates,
    conditions,
    label,
    model,
    short_label,
    weights,
)
from superpos.plotting.style import INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "A linear model and ReLU models as features become sparser. The top row shows the inner products of all"
    " features, with the biases in the strip; the middle row shows the norm of each feature, coloured by"
    " its superposition. Below, the number of features with a norm above ½, and the held-out loss beside"
    " that of the best linear model. The models of F4_recipe were trained by the authors' recipe, one model"
    " for each density. Section “Demonstrating Superposition”, basic results."
)
NEEDS = Needs(
    metrics=("feature_norm", "superposition", "represented"),
    most_conditions=24,
    tied=True,
    absolute_target=False,
    data=("independent",),
    signed=False,
    unit_norm=False,
)

SHORTEST = 1.35
"""The smallest norm at which the axes of the bars end."""


@styled
def draw(tables: Tables) -> Figure:
    """Draw a column for each condition, linear models first, then from dense to sparse."""
    parts = conditions(tables)
    n = int(tables.runs["n_features"].max())
    first, second, third = 1.75, 1.6 + n / 36, 2.3
    size = max(1.1 * len(parts) + 1.2, 7), first + second + third
    figure = Figure(figsize=size, layout="constrained")
    rows = figure.add_gridspec(2, 1, height_ratios=[first + second, third])
    _stacks(figure.add_subfigure(rows[0]), parts, [first, second])
    _spread(figure.add_subfigure(rows[1]), parts)
    note(figure, _small_print(parts))
    return figure


def _stacks(figure: SubFigure, parts: list[Tables], heights: list[float]) -> None:
    widths = [1.0] * len(parts) + [0.09]
    axes = figure.subplots(2, len(parts) + 1, width_ratios=widths, height_ratios=heights)
    edge = reach(parts, SHORTEST)
    for column, condition in zip(axes.T, parts, strict=False):
        run, features = best_run(condition)
        column[0].set_title("\n".join([model(run), *label(run).split(", ")]))
        products(column[0], weights(features), features["bias"].to_numpy(float))
        _bars(column[1], condition, edge)
    axes[1, 0].set_ylabel("feature")
    axes[1, 0].tick_params(labelleft=True)
    signed_scale(figure, axes[0, -1])
    superposition_scale(figure, axes[1, -1])


def _bars(ax: Axes, condition: Tables, edge: float) -> None:
    run, features = best_run(condition)
    colours = superposition_colours(features["superposition"].to_numpy(float))
    replicates = by_replicate(condition, "feature_norm")
    norm_bars(ax, features["feature_norm"].to_numpy(float), colours, replicates)
    ax.set(xlim=(0, edge), yticks=features["feature"][:: max(len(features) // 4, 1)])
    ax.xaxis.set_major_locator(FixedLocator([0, 1]) if edge == SHORTEST else MaxNLocator(2))
    ax.tick_params(labelleft=False)
    ax.set_xlabel(f"norm\n(replicate {run['replicate']})", labelpad=1)


def _spread(figure: SubFigure, parts: list[Tables]) -> None:
    """Draw for each column the range over replicates, the median, and the shown run."""
    counts, losses = figure.subplots(1, 2)
    names = [model(best_run(c)[0]) for c in parts]
    for colour, name in zip(cycle(MODEL_COLOURS), dict.fromkeys(names), strict=False):
        columns = np.flatnonzero(np.array(names) == name)
        for ax, of in ((counts, "represented"), (losses, "loss")):
            _ranges(ax, columns, [parts[i].runs[of].to_numpy(float) for i in columns], colour)
            best = [best_run(parts[i])[0][of] for i in columns]
            ax.plot(columns, best, "o-", color=colour, markersize=4, linewidth=0.8, label=name)
    losses.plot([best_linear_loss(c) for c in parts], "_", color=INK, markersize=22, zorder=0,
                label="best linear model, theory")  # fmt: skip
    counts.set(ylabel="features with norm > ½", ylim=(0, None))
    counts.yaxis.set_major_locator(MaxNLocator(integer=True))
    losses.set(ylabel="held-out loss", yscale="log")
    ticks = ["\n".join(short_label(best_run(c)[0]).replace(",", "").split()) for c in parts]
    for ax in (counts, losses):
        ax.set_xticks(range(len(parts)), labels=ticks)
        ax.set_xlabel("columns above, by feature density 1 − S")
    counts.legend(loc="upper left")
    losses.legend(loc="lower left", bbox_to_anchor=(0.12, 0))


def _ranges(ax: Axes, columns: np.ndarray, values: list[np.ndarray], colour: str) -> None:
    low, middle, high = (np.array([f(v) for v in values]) for f in (np.min, np.median, np.max))
    ax.vlines(columns, low, high, color=colour, linewidth=1.2)
    ax.plot(columns, middle, "_", color=colour, markersize=8)


def _small_print(parts: list[Tables]) -> str:
    if (counts := candidates(parts)) == "1":
        return "Each column is the only model trained at its density."
    return (
        f"Each column shows the best of {counts} replicates by held-out loss. Thin lines are the range over"
        " replicates, with a tick at the median."
    )
