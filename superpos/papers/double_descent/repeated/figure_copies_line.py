"""How many copies of a sample it takes to memorise it, and samples that are dropped again."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.metrics.regimes import STORED
from superpos.papers.double_descent.marks import FEATURES, SAMPLES, sets
from superpos.papers.double_descent.measures import FORGOTTEN
from superpos.papers.double_descent.repeated import copies
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import FAINT, INK, styled
from superpos.tables import Tables

CAPTION = (
    "How many copies of one sample it takes to memorise it. Left: a dot for each run, with the number of"
    " copies R over the size of the training set; filled if the sample's dimensionality is among the largest"
    " 0.1% of all samples at the end. The line is R = 0.4 T/n. Right: the dimensionality of that sample in"
    " the course of training; the thick lines are near misses, samples that were stored and then dropped."
    " Dimensionalities are among distinct samples. Comment by A. Jermyn; section “Comments: repeated"
    " samples”."
)
SHOWN = "Every run, one for each training set; none is chosen by its loss."
NEEDS = Needs(
    metrics=("first_sample_dimensionality",),
    checkpoints=2,
    training_set=True,
    named=("data.repeats",),
    varied=("data.training_samples", "data.repeats", "data.set"),
)
SLOPE = 0.4
"""The comment's line has R = 0.4 T/n."""
SPREAD = 0.35
"""The dots of a point's training sets are spread over this fraction of the distance between points."""


@styled
def draw(tables: Tables) -> Figure:
    """Draw the runs in the plane of T/n and R, and the repeated sample's dimensionality during training."""
    figure = Figure(figsize=(8.2, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _plane(left, tables)
    missed = _courses(right, tables)
    count = len(tables.runs)
    note(
        figure,
        f"{size(tables.runs)}; {sets(tables.runs)} at each point."
        f" {missed} of {count} runs are near misses: above {STORED} at a step, below {FORGOTTEN} at the end.",
    )
    return figure


def _plane(ax: Axes, tables: Tables) -> None:
    n = int(tables.runs["n_features"].iloc[0])
    runs = pd.DataFrame(
        [(run.size / n, run.times, run.memorises) for run in copies.runs(tables)],
        columns=["ratio", "times", "memorises"],
    )
    for (ratio, times), own in runs.groupby(["ratio", "times"]):
        shifts = np.linspace(-SPREAD, SPREAD, len(own)) if len(own) > 1 else np.zeros(1)
        x = ratio * np.exp(shifts / 3)
        y = np.full(len(own), times)
        for chosen, face in (
            (own["memorises"].to_numpy(), SAMPLES),
            (~own["memorises"].to_numpy(), "none"),
        ):
            ax.plot(x[chosen], y[chosen], "o", color=SAMPLES, markerfacecolor=face, markersize=5)
    ends = np.array([runs["ratio"].min() / 1.3, runs["ratio"].max() * 1.3])
    ax.plot(ends, SLOPE * ends, color=INK, linestyle="--", linewidth=1, label="R = 0.4 T/n")
    ax.plot([], [], "o", color=SAMPLES, label="memorised")
    ax.plot([], [], "o", color=SAMPLES, markerfacecolor="none", label="not memorised")
    ratios, counts = sorted(runs["ratio"].unique()), sorted(runs["times"].unique())
    ax.set(xscale="log", yscale="log", xlabel="T/n", ylabel="copies R")
    ax.set_xticks(ratios, labels=[f"{r:g}" for r in ratios])
    ax.set_yticks(counts, labels=[f"{c:g}" for c in counts])
    ax.minorticks_off()
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, columnspacing=1, handlelength=1.5)


def _courses(ax: Axes, tables: Tables) -> int:
    """Draw each run's repeated sample during training, and return the number of near misses."""
    course = copies.courses(tables)
    missed = copies.near_misses(course)
    for (_, D), miss in zip(course.iterrows(), missed, strict=True):
        colour = INK if miss else SAMPLES if D.iloc[-1] > STORED else FEATURES
        ax.plot(D.index, D, color=colour, linewidth=1.8 if miss else 0.6, alpha=0.7)
    for colour, width, name in (
        (SAMPLES, 0.6, "stored at the end"),
        (INK, 1.8, "near miss"),
        (FEATURES, 0.6, "others"),
    ):
        ax.plot([], [], color=colour, linewidth=width, label=name)
    ax.axhline(STORED, color=FAINT, linestyle=":", linewidth=1)
    ax.set(xscale="log", xlabel="step", ylabel="dimensionality of the repeated sample")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, columnspacing=1, handlelength=1.5)
    return int(missed.sum())
