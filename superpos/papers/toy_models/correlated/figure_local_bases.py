"""Local almost-orthogonal bases: two correlated sets of ten in ten dimensions (F11).

ASSUME: the paper draws one heat map and does not state its density; three are drawn.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.plotting.marks import note, products, signed_scale
from superpos.plotting.shown_runs import best_run, conditions, losses, rule, weights
from superpos.plotting.style import INK, styled
from superpos.tables import Tables

CAPTION = (
    "Inner products of two correlated sets of ten features in ten dimensions, from sparse to dense, and to"
    " the right of each map the biases. While the sets are sparse, the features of each set are almost"
    " orthogonal, and the two sets share the ten dimensions. The models are at rest. Section “Correlated and"
    " Anticorrelated Features”, local almost-orthogonal bases."
)
NEEDS = Needs(tied=True, density=True, most_conditions=24)


@styled
def draw(tables: Tables) -> Figure:
    """Draw a heat map for each density, sparse first as in the paper; lines separate the sets."""
    parts = conditions(tables)[::-1]
    figure = Figure(figsize=(3.1 * len(parts) + 0.8, 3.9), layout="constrained")
    axes = figure.subplots(1, len(parts) + 1, width_ratios=[1] * len(parts) + [0.05])
    for ax, condition in zip(axes, parts, strict=False):
        _map(ax, condition)
    signed_scale(figure, axes[-1])
    note(figure, "\n".join(map(_condition_note, parts)))
    return figure


def _map(ax: Axes, condition: Tables) -> None:
    run, features = best_run(condition)
    W = weights(features)
    products(ax, W, features["bias"].to_numpy(float))
    edges = np.linspace(0, len(W), _sets(run) + 1)
    for edge in edges[1:-1]:
        ax.plot([0, len(W)], [edge, edge], color=INK, linewidth=0.8)
        ax.plot([edge, edge], [0, len(W)], color=INK, linewidth=0.8)
    middles = (edges[1:] + edges[:-1]) / 2
    names = [f"set {k + 1}" for k in range(len(middles))]
    ax.set_xticks(middles, labels=names)
    ax.set_yticks(middles, labels=names, rotation=90, va="center")
    ax.tick_params(length=0)
    ax.set_title(f"1 − S = {run['density']:g}")


def _sets(run: pd.Series) -> int:
    """How many sets there are; features without sets count as one."""
    sets = run.get("data_sets")
    return 1 if pd.isna(sets) else int(sets)


def _condition_note(condition: Tables) -> str:
    density = best_run(condition)[0]["density"]
    return f"1 − S = {density:g}: {rule(condition)}; {losses(condition)}."
