"""Models whose hidden units are neurons ("Superposition in a Privileged Basis")."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure
from matplotlib.gridspec import SubplotSpec
from matplotlib.patches import Rectangle

from superpos.config.condition import Count, Positive
from superpos.config.needs import Needs
from superpos.metrics import neurons
from superpos.plotting.marks import note, signed_scale, superposition_colours, superposition_scale
from superpos.plotting.neuron_marks import (
    TINTS,
    feature_colours,
    matrix,
    stack,
    tint,
    tint_legend,
)
from superpos.plotting.shown_runs import (
    best_linear_loss,
    best_run,
    candidates,
    conditions,
    label,
    model,
    training,
    weights,
)
from superpos.plotting.style import FAINT, INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "A ReLU on the hidden layer makes single neurons meaningful. The top left shows the weights of a"
    " model without it beside those of a model with it, at the same density. The top right shows how to"
    " read a stack plot. The middle shows the regimes from dense to sparse, with features coloured by"
    " superposition. The bottom shows how many of the five neurons fire on a single feature, and how much"
    " restarts differ. Section “Superposition in a Privileged Basis”."
)
NEEDS = Needs(
    metrics=("superposition", "represented"),
    tied=True,
    absolute_target=False,
    data=("independent",),
    signed=False,
    unit_norm=False,
    density=True,
    by=("model", "density"),
    of_model="relu_hidden",
    density_options=("regimes", "strip"),
)


@styled
def draw(
    tables: Tables,
    regimes: list[Positive] | None = None,
    strip: list[Positive] | None = None,
    compared: tuple[Count, ...] = (5, 6, 8),
) -> Figure:
    """Draw weights, regimes, and a strip of all densities.

    regimes, strip: the densities shown, by default all; compared: the numbers of represented features
    at which W is compared.
    """
    parts = sorted(conditions(tables), key=lambda c: -c.runs["density"].iloc[0])
    hidden = [c for c in parts if c.runs["model"].iloc[0] == "relu_hidden"]
    regimes, strip = (
        given or [c.runs["density"].iloc[0] for c in hidden] for given in (regimes, strip)
    )
    figure = Figure(figsize=(10.4, 11.4), layout="constrained")
    rows = figure.add_gridspec(3, 1, height_ratios=[2.9, 5.2, 2.3])
    left, right = _halves(figure, rows[0])
    _pairs(left, parts, compared)
    _how_to(right, _of_density(hidden, regimes[(len(regimes) - 1) // 2]))
    _regimes(figure.add_subfigure(rows[1]), [_of_density(hidden, p) for p in regimes])
    bar, losses = _halves(figure, rows[2])
    _strip(bar, [_of_density(hidden, p) for p in strip])
    _losses(losses, hidden)
    note(figure, _small_print(hidden))
    return figure


def _halves(figure: Figure, row: SubplotSpec) -> tuple[SubFigure, SubFigure]:
    halves = row.subgridspec(1, 2, width_ratios=[1.5, 1])
    return figure.add_subfigure(halves[0]), figure.add_subfigure(halves[1])


def _of_density(parts: list[Tables], density: float) -> Tables:
    """The condition of that density; raises a ValueError if there is none."""
    for part in parts:
        if np.isclose(part.runs["density"].iloc[0], density, rtol=1e-6):
            return part
    raise ValueError(f"density {density:g}: this experiment has no such condition")


def _ordered(condition: Tables) -> tuple[np.ndarray, np.ndarray]:
    """W of the best run, and whether each neuron fires on one feature, in the order of the drawing.

    DEVIATION: the paper orders neurons by hand; here neurons of a single feature come first, and both
    kinds are sorted by the importance of their largest feature.
    """
    _, features = best_run(condition)
    W = weights(features)
    single = neurons.single_feature(W)
    order = np.lexsort((W.argmax(axis=0), ~single))
    return W[:, order], single[order]


def _pairs(figure: SubFigure, parts: list[Tables], compared: tuple[int, ...]) -> None:
    """W of a model of each kind, at a density at which both, or at least one, represent `compared`
    features."""
    axes = figure.subplots(1, 2 * len(compared) + 1, width_ratios=[1] * 2 * len(compared) + [0.12])
    for c, count in enumerate(compared):
        pair = _pair(parts, count)
        for ax, condition, kind in zip(axes[2 * c :], pair, ("linear", "ReLU"), strict=False):
            run, features = best_run(condition)
            W = weights(features) if kind == "linear" else _ordered(condition)[0]
            matrix(ax, W, f"{kind} hidden\n{_features(run)}")
            if kind == "linear":
                ax.set_xlabel(label(run), loc="left")
        for ax in axes[2 * c : 2 * c + 2] if not pair else ():
            ax.set_axis_off()
    axes[0].set_ylabel("feature")
    signed_scale(figure, axes[-1], "weight")


def _pair(parts: list[Tables], count: int) -> list[Tables]:
    """The linear and the ReLU model of the densest density at which both represent `count` features.

    If there is none, the densest density at which the ReLU model does; otherwise the list is empty.
    """
    linear, hidden = (
        {c.runs["density"].iloc[0]: c for c in parts if c.runs["model"].iloc[0] == kind}
        for kind in ("relu_output", "relu_hidden")
    )
    fit = [p for p in hidden if p in linear and best_run(hidden[p])[0]["represented"] == count]
    both = [p for p in fit if best_run(linear[p])[0]["represented"] == count]
    return [kind[p] for p in (both or fit)[:1] for kind in (linear, hidden)]


def _features(run: pd.Series) -> str:
    return f"{run['represented']:.0f} features"


def _how_to(figure: SubFigure, condition: Tables) -> None:
    """Draw one model's W as a matrix and as a stack plot, with features numbered and coloured."""
    run, _ = best_run(condition)
    W, _ = _ordered(condition)
    axes = figure.subplots(1, 2, width_ratios=[0.6, 1])
    matrix(axes[0], W, f"W as a matrix\n1 − S = {run['density']:g}")
    axes[0].set(yticks=range(len(W)), ylabel="feature", xlabel="neuron")
    stack(axes[1], W, feature_colours(len(W)), numbered=True)
    axes[1].set(title="as a stack plot:\na feature a colour", xlabel="neuron", ylabel="weight")


def _regimes(figure: SubFigure, parts: list[Tables]) -> None:
    columns = len(parts)
    grid = figure.add_gridspec(
        3, columns + 1, width_ratios=[1] * columns + [0.09], height_ratios=[1, 1.25, 0.12]
    )
    axes = np.array(
        [[figure.add_subplot(grid[row, c]) for c in range(columns + 1)] for row in (0, 1)]
    )
    for column, condition in zip(axes.T, parts, strict=False):
        run, features = best_run(condition)
        W, single = _ordered(condition)
        matrix(column[0], W, f"{label(run)}\n{single.sum()} mono, {_features(run)}")
        kinds = np.where(single, 0, np.where(neurons.live(W), 2, neurons.DEAD))
        for neuron in np.flatnonzero(kinds != neurons.DEAD):
            patch = Rectangle((neuron - 0.5, len(W) - 0.5), 1, 0.6, color=TINTS[kinds[neuron]])
            column[0].add_patch(patch)
        column[0].set_ylim(len(W) + 0.1, -0.5)
        tint(column[1], kinds.tolist())
        stack(column[1], W, superposition_colours(features["superposition"].to_numpy(float)))
        column[1].set_xlabel(f"neuron\n(replicate {run['replicate']})")
    _level(axes[1, :columns])
    axes[0, 0].set_ylabel("feature")
    axes[1, 0].set_ylabel("stack of weights")
    signed_scale(figure, axes[0, -1], "weight")
    superposition_scale(figure, axes[1, -1])
    legend = figure.add_subplot(grid[2, :])
    legend.set_axis_off()
    tint_legend(legend, kinds=(0, 2))


def _level(row: np.ndarray) -> None:
    """Give the axes of a row one scale, with tick labels at the first axes only."""
    limits = np.array([ax.get_ylim() for ax in row])
    for k, ax in enumerate(row):
        ax.set_ylim(limits[:, 0].min(), limits[:, 1].max())
        ax.tick_params(labelleft=k == 0)


def _strip(figure: SubFigure, parts: list[Tables]) -> None:
    """Draw a bar for each density with a segment for each neuron."""
    ax = figure.subplots()
    for x, condition in enumerate(parts):
        single = int(_ordered(condition)[1].sum())
        count = int(condition.runs["n_hidden"].iloc[0])
        for k in range(count):
            tinted = TINTS[0 if k < single else 2]
            ax.bar(x, 1, 0.86, k, color=tinted, edgecolor=FAINT, linewidth=0.5)
    ticks = [f"{c.runs['density'].iloc[0]:g}" for c in parts]
    ax.set_xticks(range(len(parts)), labels=ticks)
    ax.set(xlabel="1 − S", ylabel="neurons", title="monosemantic and polysemantic neurons")


def _losses(figure: SubFigure, parts: list[Tables]) -> None:
    """Draw the losses of the best, median and worst restart at each density, relative to the best linear
    model."""
    ax = figure.subplots()
    x = [c.runs["density"].iloc[0] for c in parts]
    ratios = [c.runs["loss"].to_numpy(float) / best_linear_loss(c) for c in parts]
    best = [c.best().runs["loss"].iloc[0] / best_linear_loss(c) for c in parts]
    ax.vlines(x, [r.min() for r in ratios], [np.quantile(r, 0.9) for r in ratios],
              color=MODEL_COLOURS[0], linewidth=1.2)  # fmt: skip
    ax.plot(x, [np.median(r) for r in ratios], "_", color=MODEL_COLOURS[0], label="median restart")
    ax.plot(x, best, "o-", color=MODEL_COLOURS[0], markersize=3.5, linewidth=0.8, label="shown")
    ax.axhline(1, color=INK, linewidth=0.7, linestyle=":")
    ax.set(xscale="log", xlim=(1.15, min(x) / 1.15), xlabel="1 − S")
    ax.set(ylabel="held-out loss /\nbest linear model's", title="restarts (to the 90% quantile)")
    ax.legend()


def _small_print(parts: list[Tables]) -> str:
    near = [
        f"{best_run(c)[0]['density']:g}: {(c.runs['loss'] < 1.01 * c.best().runs['loss'].iloc[0]).sum()}"
        for c in parts
    ]
    middle = (len(near) + 1) // 2
    return (
        f"Shown: {model(best_run(parts[0])[0])} models, {training(pd.concat([c.runs for c in parts]))},"
        f" the best of {candidates(parts)} replicates at each density by held-out loss. Replicates within"
        f" 1% of the best, by density:\n{', '.join(near[:middle])},\n{', '.join(near[middle:])}."
    )
