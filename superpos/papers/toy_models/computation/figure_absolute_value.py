"""|x| without superposition, with 3 features and 6 neurons ("Computation in Superposition")."""

import numpy as np
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.metrics import neurons
from superpos.plotting.marks import note, signed_scale
from superpos.plotting.neuron_marks import feature_colours, graph, matrix, stack
from superpos.plotting.shown_runs import (
    best_run,
    conditions,
    losses,
    outputs,
    rule,
    training,
    weights,
)
from superpos.plotting.style import styled
from superpos.tables import Tables

CAPTION = (
    "A model of |x| that has two neurons for each feature, drawn in three ways: its weights as matrices,"
    " as stacks with a column for each neuron, and as a graph. Each neuron is rescaled so that its largest"
    " input weight is 1. The model is at rest: its loss is almost 0. Section “Computation in"
    " Superposition”."
)
NEEDS = Needs(tied=False, relu_hidden=True, most_features=20, by=())


@styled
def draw(tables: Tables) -> Figure:
    """Draw the best run of the first condition."""
    condition = conditions(tables)[0]
    _, features = best_run(condition)
    W, V = neurons.rescaled(weights(features), outputs(features))
    order = np.lexsort((-W.sum(axis=0), neurons.largest_feature(W), ~neurons.live(W)))
    W, V = W[:, order], V[:, order]
    colours = feature_colours(len(W))
    figure = Figure(figsize=(9.2, 4.4), layout="constrained")
    halves = figure.add_gridspec(1, 2, width_ratios=[1.25, 1])
    left, right = (figure.add_subfigure(halves[side]) for side in (0, 1))
    axes = left.subplots(2, 3, width_ratios=[1, 1, 0.06], height_ratios=[0.62, 1])
    for column, M, name in zip(axes.T, (W, V), ("W₁", "W₂"), strict=False):
        matrix(column[0], M, name + " as a matrix")
        stack(column[1], M, colours, numbered=True)
        column[1].set(title=name + " as stacks", xlabel="neuron", ylim=(-1.25, 1.25))
    axes[0, 0].set_ylabel("feature")
    axes[1, 0].set_ylabel("input → neuron weight")
    # DEVIATION: the paper labels this axis "input -> neuron weights" too; W2 goes from neuron to output.
    axes[1, 1].set_ylabel("neuron → output weight")
    signed_scale(left, axes[0, 2], "weight")
    axes[1, 2].set_axis_off()
    ax = right.subplots()
    graph(ax, W, V, range(len(W)), colours)
    ax.set_title("both as a graph")
    note(figure, f"Shown: {rule(condition)}, {training(condition.runs)}; {losses(condition)}.")
    return figure
