"""|x| with 100 features in 40 neurons, as features become sparser ("Computation in Superposition")."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.condition import Positive
from superpos.config.needs import Needs
from superpos.metrics import neurons
from superpos.numerics.ordered import total
from superpos.plotting.marks import note, superposition_colours, superposition_scale
from superpos.plotting.neuron_marks import stack, tint, tint_legend
from superpos.plotting.shown_runs import (
    best_run,
    by_run,
    conditions,
    label,
    rule,
    training,
    weights,
)
from superpos.plotting.style import INK, styled
from superpos.tables import Tables

CAPTION = (
    "Neurons of models of |x| from dense to sparse. Each column is a neuron: its input weights, relative to"
    " the largest, are stacked and coloured by the superposition of their features. The neurons are sorted"
    " by the importance of their largest feature. If one stack were much higher than all others, it would be"
    " cut, with its height written on it. Below, one model is drawn again, enlarged. The rate of F18's models"
    " falls to 0; those of F18_recipe were trained at a constant rate, by the authors' recipe. Section"
    " “Computation in Superposition”."
)
NEEDS = Needs(
    metrics=("rescaled_superposition", "mono_neurons"),
    relu_hidden=True,
    density=True,
    most_conditions=24,
)

MUCH_HIGHER = 2
"""A stack is cut at this many times the height that nine of ten stacks do not exceed."""


@styled
def draw(tables: Tables, enlarged: Positive = 0.01) -> Figure:
    """Draw a strip for each condition, then the density nearest to `enlarged` again, with call-outs."""
    parts = conditions(tables)
    again = min(parts, key=lambda c: abs(np.log(c.runs["density"].iloc[0] / enlarged)))
    heights = [0.45 + 0.13 * min(_top(c), 10) for c in parts]
    rows = [*heights, 0.9 + 0.34 * min(_top(again), 6), 0.3]
    figure = Figure(figsize=(9.6, float(total(np.array(rows))) + 0.9), layout="constrained")
    axes = figure.subplots(len(rows), 2, width_ratios=[1, 0.016], height_ratios=rows)
    for ax, condition in zip(axes[:, 0], [*parts, again], strict=False):
        _strip(ax, condition)
    _call_outs(axes[-2, 0], again)
    scale = axes[0, 1]
    for ax in axes[1:, 1]:
        ax.remove()
    scale.set_subplotspec(axes[0, 0].get_gridspec()[: len(parts), 1])
    superposition_scale(figure, scale)
    axes[-1, 0].set_axis_off()
    tint_legend(axes[-1, 0])
    how = f"Models {training(tables.runs)}."
    note(figure, "\n".join([how, *(_condition_note(c) for c in parts)]))
    return figure


def _order(features: pd.DataFrame) -> np.ndarray:
    return neurons.by_importance(weights(features), features["importance"].to_numpy(float))


def _top(condition: Tables) -> float:
    """The height of a strip: that of its highest stack, unless this one is much higher than most stacks."""
    heights = neurons.stack_heights(weights(best_run(condition)[1]))
    return float(max(1, min(heights.max(), MUCH_HIGHER * np.quantile(heights, 0.9))))


def _strip(ax: Axes, condition: Tables) -> None:
    run, features = best_run(condition)
    W = weights(features)[:, _order(features)]
    tint(ax, neurons.kinds(W).tolist())
    colours = superposition_colours(features["rescaled_superposition"].to_numpy(float))
    stack(ax, neurons.stacks(W), colours)
    counts = [int((neurons.kinds(W) == kind).sum()) for kind in range(3)]
    ax.set_title(f"{label(run)}: {counts[0]} mono, {counts[1]} slightly poly, {counts[2]} poly",
                 loc="left", pad=3)  # fmt: skip
    top = _top(condition)
    ticks = [0, 1] if top < 3 else [0, 1, int(top)] if top < 12 else [0, int(top)]
    ax.set(ylim=(0, 1.08 * top), yticks=ticks)
    for k, height in enumerate(neurons.stack_heights(W)):
        if height > 1.08 * top:
            ax.text(k, 1.06 * top, f"{height:.0f}", ha="center", va="top", fontsize=8,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip


def _call_outs(ax: Axes, condition: Tables) -> None:
    """Point at a monosemantic neuron near a polysemantic one, and at the highest stack's two parts."""
    _, features = best_run(condition)
    W = weights(features)[:, _order(features)]
    height, kind = neurons.stack_heights(W), neurons.kinds(W)
    top = _top(condition)
    ax.set_ylim(0, 1.6 * top)
    ax.set_ylabel("stack of |W₁|")
    mono, poly = np.flatnonzero(kind == 0), np.flatnonzero(kind == 2)
    if len(mono) and len(poly):
        text = "monosemantic and polysemantic neurons in one model"
        near = poly[np.abs(poly[:, None] - mono).min(axis=1).argmin()]
        for k in (mono[np.abs(mono - near).argmin()], near):
            y = 1.48 if text else 1.42
            _arrow(ax, text, (k, min(height[k], top)), 0.2 * W.shape[1], y * top)
            text = ""
    whole = np.where(height <= top, height, 0)
    tallest = int(whole.argmax())
    inwards = W.shape[1] if tallest < W.shape[1] / 2 else -W.shape[1]
    part = neurons.stacks(W)[:, tallest]
    middle = part.cumsum() - part / 2
    first, second = part.argsort()[:-3:-1]
    names = {first: "primary feature"} | ({second: "secondary features"} if part[second] else {})
    places = ((0.15, 1.1), (0.08, 1.28))
    for (x, y), feature in zip(places, sorted(names, key=middle.__getitem__), strict=False):
        _arrow(ax, names[feature], (tallest, middle[feature]), tallest + x * inwards, y * top)


def _arrow(ax: Axes, text: str, end: tuple[float, float], x: float, y: float) -> None:
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.7, "shrinkB": 1}
    ax.annotate(text, end, (x, y), ha="center", va="center", fontsize=8, arrowprops=arrow)


def _condition_note(condition: Tables) -> str:
    run, _ = best_run(condition)
    counts = by_run(condition, "mono_neurons")
    spread = f"; mono neurons over replicates {counts.min():.0f} to {counts.max():.0f}"
    return f"{label(run)}: {rule(condition)}, loss {run['loss']:.3g}{spread * (len(counts) > 1)}"
