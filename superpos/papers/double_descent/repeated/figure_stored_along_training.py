"""When features and a repeated sample are stored and forgotten during training."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.metrics.regimes import STORED
from superpos.papers.double_descent.marks import FEATURES, SAMPLES, first_set
from superpos.papers.double_descent.measures import T
from superpos.papers.double_descent.repeated import copies
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import conditions, size
from superpos.plotting.style import FAINT, styled
from superpos.tables import Tables

CAPTION = (
    "What a model stores in the course of training: the dimensionality of each of the features that come"
    " highest at any step and, where the training set may hold its first sample several times, that of this"
    " sample among the distinct samples. What rises above the dotted line and falls again was stored and"
    " then forgotten. Comment by A. Jermyn; section “Comments: repeated samples”."
)
SHOWN = "The run on the first training set; none is chosen by its loss."
NEEDS = Needs(metrics=("dimensionality",), checkpoints=2, training_set=True)
HIGHEST = 10
"""The number of features that are drawn in each panel."""


@styled
def draw(tables: Tables) -> Figure:
    """Draw a panel for each number of copies, with a line for each feature."""
    first = first_set(tables)
    parts = [run for condition in conditions(first) for run in condition.by_replicate]
    figure = Figure(figsize=(max(4.4, 2.7 * len(parts)), 3.6), layout="constrained")
    axes = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
    for ax, part in zip(axes, parts, strict=True):
        _features(ax, part)
        if (sample := _sample(part)) is not None:
            ax.plot(sample.index, sample, color=SAMPLES, linewidth=2, label="the first sample")
        ax.axhline(STORED, color=FAINT, linestyle=":", linewidth=1)
        ax.set(xscale="log", xlabel="step")
        ax.set_title(f"T = {int(part.runs[T].iloc[0]):,}" + _copies(part))
    axes[0].set_ylabel("dimensionality")
    axes[0].legend(loc="lower left", bbox_to_anchor=(0, 1.1), ncols=2)
    note(figure, f"{size(tables.runs)}. The {HIGHEST} features that come highest are drawn.")
    return figure


def _features(ax: Axes, part: Tables) -> None:
    D = part.checkpoints.pivot_table(index="step", columns="feature", values="dimensionality")
    for feature in D.max().nlargest(HIGHEST).index:
        ax.plot(D.index, D[feature], color=FEATURES, linewidth=0.9, alpha=0.7)
    ax.plot([], [], color=FEATURES, linewidth=0.9, label="features")


def _sample(part: Tables) -> pd.Series | None:
    """D of the first sample by step; None if the condition has no repeats, or if D was not measured."""
    if copies.repeated(part) is None or "first_sample_dimensionality" not in part.checkpoints:
        return None
    return part.checkpoints.groupby("step")["first_sample_dimensionality"].first()


def _copies(part: Tables) -> str:
    found = copies.repeated(part)
    return "" if found is None else f", {copies.copies_in_words(*found)}"
