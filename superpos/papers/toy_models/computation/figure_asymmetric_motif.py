"""Asymmetric superposition with inhibition in one model of |x| ("Computation in Superposition")."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from superpos.config.condition import Count
from superpos.config.needs import Needs
from superpos.metrics import neurons
from superpos.metrics.motifs import Motif, confirmed, instances
from superpos.plotting.marks import note
from superpos.plotting.neuron_marks import feature_colours, graph, stack
from superpos.plotting.shown_runs import label, outputs, training, weights
from superpos.plotting.style import styled
from superpos.tables import Tables

CAPTION = (
    "A small model of |x| is taken apart into neurons of plain |x| and two instances of asymmetric"
    " superposition. There, a neuron reads one feature strongly and another weakly, and writes them the"
    " other way round; a second neuron inhibits the weak feature when the strong one would raise it. Each"
    " neuron is rescaled so that its largest input weight is 1; weights of at most 0.05 are left out."
    " Four times as many steps do not lower the loss of the best model."
    " Section “Computation in Superposition”."
)
NEEDS = Needs(metrics=("inhibition_ablation",), tied=False, relu_hidden=True, by=())
SHOWN = (
    "The first replicate with as many instances of the motif as are drawn, sharing no neuron, or"
    " the one with the most; how many replicates have them is said under the picture."
)


@styled
def draw(tables: Tables, count: Count = 2) -> Figure:
    """Draw the first replicate that has `count` instances without a common neuron, or the most of them."""
    found = _found(tables)
    number = [len(instances(motifs)) for _, motifs in found]
    at = next((r for r, n in enumerate(number) if n >= count), int(np.argmax(number)))
    features, motifs = found[at]
    kept = instances(motifs)[:count]
    W, V = neurons.rescaled(weights(features), outputs(features))
    importance = features["importance"].to_numpy(float)
    figure = Figure(figsize=(10.4, 6.6), layout="constrained")
    halves = figure.add_gridspec(2, 1, height_ratios=[1.3, 1])
    top, bottom = (figure.add_subfigure(halves[side]) for side in (0, 1))
    _stacks(top, W, V, kept, importance)
    _graphs(bottom, W, V, kept)
    note(figure, _small_print(tables, features, number, count, kept))
    return figure


def _found(tables: Tables) -> list[tuple[pd.DataFrame, list[Motif]]]:
    """The features of each replicate, and those of its motifs that an ablation confirms."""
    runs = [features.sort_values("feature") for _, features in tables.features.groupby("replicate")]
    return [
        (f, confirmed(weights(f), outputs(f), f["inhibition_ablation"].to_numpy(float)))
        for f in runs
    ]


def _groups(
    W: np.ndarray, kept: list[Motif], importance: np.ndarray
) -> list[tuple[str, list[int]]]:
    """The neurons that no instance uses, and those of each instance."""
    used = {n for motif in kept for n in (motif.neuron, motif.inhibitor)}
    plain = [int(k) for k in neurons.by_importance(W, importance) if k not in used]
    single = [k for k in plain if neurons.kinds(W)[k] == 0]
    other = [k for k in plain if k not in single]
    return [
        ("plain |x|", single),
        *([("other neurons", other)] if other else []),
        *((f"asymmetric, x{m.large} over x{m.small}", [m.neuron, m.inhibitor]) for m in kept),
    ]


def _stacks(
    figure: SubFigure, W: np.ndarray, V: np.ndarray, kept: list[Motif], importance: np.ndarray
) -> None:
    """Draw the whole model and then its parts, with W1 above W2."""
    groups = _groups(W, kept, importance)
    whole = ("the whole model", [int(k) for k in neurons.by_importance(W, importance)])
    parts = [whole, *groups]
    widths = [max(len(members), 1) + 1.2 for _, members in parts]
    axes = figure.subplots(2, len(parts), width_ratios=widths, sharey="row", squeeze=False)
    colours = feature_colours(len(W))
    ticks = [v for v in (-100, -10, -1, 0, 1, 10, 100) if abs(v) <= np.abs(V).max() * 1.5]
    for column, (name, members) in zip(axes.T, parts, strict=True):
        column[1].set_yscale("symlog", linthresh=2)
        for ax, M in zip(column, (W, V), strict=True):
            stack(ax, M[:, members], colours, numbered=True)
            _number(ax, members)
        column[0].set_title(name.replace(", ", "\n"))
        column[1].set_yticks(ticks, labels=[f"{v}".replace("-", "−") for v in ticks], minor=False)
        column[1].minorticks_off()
    axes[0, 0].set_ylabel("W₁, largest = 1")
    axes[1, 0].set_ylabel("W₂ (linear to ±2)")
    axes[1, 0].set_xlabel("neuron")


def _number(ax: Axes, members: Sequence[int]) -> None:
    ax.set_xticks(range(len(members)), labels=[str(k) for k in members])
    ax.tick_params(length=0)


def _graphs(figure: SubFigure, W: np.ndarray, V: np.ndarray, kept: list[Motif]) -> None:
    """Draw the two neurons of each instance as a graph with the features that they connect."""
    axes = figure.subplots(1, max(len(kept), 1), squeeze=False)[0]
    for ax, motif in zip(axes, kept, strict=False):
        pair = [motif.neuron, motif.inhibitor]
        own = int(neurons.largest_feature(W)[motif.inhibitor])
        involved = sorted({motif.large, motif.small, own})
        graph(ax, W[:, pair], V[:, pair], involved, feature_colours(len(W)))
        ax.set_title(
            f"neurons {motif.neuron} (asymmetric) and {motif.inhibitor} (inhibits y{motif.small})"
        )
    for ax in axes[len(kept) :]:
        ax.set_axis_off()


def _small_print(
    tables: Tables, features: pd.DataFrame, number: list[int], count: int, kept: list[Motif]
) -> str:
    run = tables.runs[tables.runs["replicate"] == features["replicate"].iloc[0]].iloc[0]
    factors = features.set_index("feature")["inhibition_ablation"]
    harm = ", ".join(f"{factors[m.large]:.3g}-fold without neuron {m.inhibitor}" for m in kept)
    grown = f" The inhibited feature's loss grows {harm}." if kept else ""
    best = tables.best().runs.iloc[0]
    shown = min(count, max(number))
    instances = "1 instance" if shown == 1 else f"{shown} instances"
    return (
        f"{label(run)}, {training(tables.runs)}. Shown: the first replicate with {instances}"
        f" without a common neuron, replicate {run['replicate']}; {sum(n >= count for n in number)} of"
        f" {len(number)} replicates have {count}, {sum(n >= 1 for n in number)} at least one.\nHeld-out"
        f" loss {run['loss']:.3g}; the best of {len(number)} by held-out loss, replicate"
        f" {best['replicate']}, has {best['loss']:.3g}.{grown}"
    )
