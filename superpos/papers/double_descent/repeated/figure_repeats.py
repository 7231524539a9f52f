"""What models store if the training set holds some samples several times."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.metrics.regimes import STORED
from superpos.papers.double_descent.marks import FEATURES, SAMPLES, sets
from superpos.papers.double_descent.repeated import copies
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import conditions, size
from superpos.plotting.style import FAINT, styled
from superpos.tables import Tables

CAPTION = (
    "What a model stores if its training set holds some samples several times: the dimensionalities of the"
    " features and of the samples at the end of training, the latter among distinct samples, so that copies"
    " do not count against each other. Where a repeated sample (diamonds) is stored, there are fewer stored"
    " features (dots above the dotted line). Each training set has a column of its own. Comment by"
    " A. Jermyn; section “Comments: repeated samples”."
)
SHOWN = "Every run, one for each training set; none is chosen by its loss."
NEEDS = Needs(
    metrics=("dimensionality",),
    training_set=True,
    named=("data.repeats",),
    varied=("data.repeats", "data.set"),
)
MOST_FEATURES = 12
"""This many features of a run are drawn: those with the largest dimensionality."""
MOST_SAMPLES = 100
"""This many samples that occur once are drawn: those with the largest dimensionality."""
APART = 0.16
"""The distance between the columns of two training sets."""


@styled
def draw(tables: Tables) -> Figure:
    """Draw a group of columns for each number of repeated samples and copies."""
    parts: dict[tuple[int, int], list[Tables]] = {}
    for condition in conditions(tables):
        for replicate in condition.by_replicate:
            (run,) = copies.runs(replicate)
            parts.setdefault((run.samples, run.times), []).append(replicate)
    figure = Figure(figsize=(1.4 + 1.15 * max(len(parts), 4), 4.2), layout="constrained")
    ax = figure.subplots()
    for group, (_, runs) in enumerate(sorted(parts.items())):
        for place, part in enumerate(runs):
            _column(ax, part, group + APART * (place - (len(runs) - 1) / 2))
    ax.axhline(STORED, color=FAINT, linestyle=":", linewidth=1)
    ax.set_xticks(
        range(len(parts)),
        labels=[copies.copies_in_words(*key, between="\n") for key in sorted(parts)],
    )
    ax.set_ylabel("dimensionality")
    _legend(ax)
    note(
        figure,
        f"{size(tables.runs)}, T = {tables.runs['data_training_samples'].iloc[0]:,};"
        f" {sets(tables.runs)}. Of each run, the {MOST_FEATURES} largest features and"
        f" the {MOST_SAMPLES} largest other samples are drawn.",
    )
    return figure


def _column(ax: Axes, part: Tables, x: float) -> None:
    """Draw the dimensionalities of one run."""
    (run,) = copies.runs(part)
    D = np.sort(part.features["dimensionality"].to_numpy(float))[-MOST_FEATURES:]
    others = np.sort(run.D[run.samples :])[-MOST_SAMPLES:]
    step = APART / 4
    ax.plot(np.full(len(others), x + step), others, ".", color=SAMPLES, markersize=3, alpha=0.3,
            markeredgewidth=0, rasterized=True)  # fmt: skip
    ax.plot(
        np.full(len(D), x - step),
        D,
        "o",
        color=FEATURES,
        markersize=3.5,
        alpha=0.7,
        markeredgewidth=0,
    )
    ax.plot(np.full(run.samples, x + step), run.D[: run.samples], "D", color=SAMPLES, markersize=5)


def _legend(ax: Axes) -> None:
    ax.plot([], [], "o", color=FEATURES, markersize=4, label="features")
    ax.plot([], [], "D", color=SAMPLES, markersize=5, label="repeated samples")
    ax.plot([], [], ".", color=SAMPLES, markersize=5, alpha=0.5, label="other samples")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
