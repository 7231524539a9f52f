"""The loss as a mean and, as printed, as a sum over features, compared with values from other sources."""

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.double_descent import measures
from superpos.papers.double_descent.marks import (
    excess_axis,
    over_sets,
    samples_axis,
    training_sets,
)
from superpos.papers.double_descent.measures import T
from superpos.papers.double_descent.regimes import digitised, variants
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "Why the replications disagreed with the paper: the same models with a loss that is averaged over the"
    " features and with the printed sum over the features, as the number T of training samples grows. Lines"
    " go through the means over the training sets, and each set has a dot. Marks: the numbers of the"
    " paper's figure and of the replication by S. Amaan, both read off plots. Comment by A. Jermyn; section"
    " “From stored samples to features”."
)
SHOWN = (
    "Every run, one for each training set; none is chosen by its loss. A set of T samples is the first T"
    " of one longer set."
)
NEEDS = Needs(
    metrics=("frobenius", "bias_norm", "dimensionality"),
    n_hidden=2,
    training_set=True,
    varied=("data.training_samples", "data.set"),
    among=(
        "M3",
        "M3_full",
        "M3_night",
        "M3_fresh",
        "M3_text",
        "M3_text_full",
        "M3_text_night",
        "M3_text_fresh",
        "J12",
    ),
    fresh=("frobenius", "bias_norm", "dimensionality"),
)
Numbers = Mapping[int, float]
PAPER, REPLICATION = "the paper's figure", "S. Amaan's replication"
PANES: tuple[tuple[str, Callable[[Tables], np.ndarray], str, Numbers], ...] = (
    (
        "test loss − 1",
        measures.excess,
        PAPER,
        {size: loss - 1 for size, loss in digitised.TEST_LOSS.items()},
    ),
    ("largest feature dimensionality", measures.largest_feature, PAPER, digitised.LARGEST_FEATURE),
    ("‖W‖", measures.norm_W, REPLICATION, digitised.REPLICATED_W),
    ("‖b‖", measures.norm_b, REPLICATION, digitised.REPLICATED_B),
)
MARKS = {PAPER: "x", REPLICATION: "+"}


@styled
def draw(tables: Tables) -> Figure:
    """Draw four panels over T."""
    figure = Figure(figsize=(8.2, 6.6), layout="constrained")
    axes = figure.subplots(2, 2)
    for ax, pane in zip(axes.ravel(), PANES, strict=True):
        _pane(ax, tables, *pane)
    excess_axis(axes[0, 0], int(tables.runs["n_features"].iloc[0]))
    for ax in axes[1]:
        ax.set_yscale("log")
    handles = {h.get_label(): h for ax in axes.ravel() for h in ax.get_legend_handles_labels()[0]}
    figure.legend(list(handles.values()), list(handles), loc="outside upper center", ncols=4)
    note(figure, f"{size(tables.runs)}; {training_sets(tables.runs)}.")
    return figure


def _pane(
    ax: Axes,
    tables: Tables,
    name: str,
    of: Callable[[Tables], np.ndarray],
    whose: str,
    numbers: Numbers,
) -> None:
    for variant, colour in zip(variants.GRIDS, MODEL_COLOURS, strict=False):
        own = tables.of(*variants.GRIDS[variant], variants.NIGHT[variant], variants.FRESH[variant])
        over_sets(ax, own.runs[T], of(own), colour, label=variants.WORDS[variant])
    first, last = tables.runs[T].min(), tables.runs[T].max()
    known = {samples: value for samples, value in numbers.items() if first <= samples <= last}
    ax.plot(list(known), list(known.values()), MARKS[whose], color=INK, markersize=6, label=whose)
    samples_axis(ax, tables.runs[T].to_numpy(float))
    ax.set_ylabel(name)
