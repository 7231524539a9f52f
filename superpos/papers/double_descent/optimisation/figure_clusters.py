"""Clusters of memorised samples: whether neighbours share features."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from superpos import theory
from superpos.config.condition_table import RUN
from superpos.config.needs import Needs
from superpos.papers.double_descent.marks import SAMPLES, hidden, samples_axis, vectors
from superpos.papers.double_descent.measures import T
from superpos.papers.double_descent.optimisation.memorising_runs import MEMORISES
from superpos.plotting.diverged import only_text
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import FAINT, INK, styled
from superpos.tables import Tables

CAPTION = (
    "Do memorised samples lie in clusters that share features? Left: how often neighbours on the ring of"
    " hidden vectors share an active feature, over how often any two samples do (dotted line: as often), for"
    " every run that memorises; the line goes through the runs with the smallest training loss. Right: the"
    " hidden vectors of those runs, with a dark edge between neighbours on the ring that share a feature."
    " Circuits Updates, July 2023; section “Correction”."
)
SHOWN = (
    "Left: every run whose fifth largest feature dimensionality is below 0.1. Right: the one of them with"
    " the smallest training loss at each T, of all learning rates."
)
NEEDS = Needs(
    metrics=("fifth_dimensionality", "neighbours_sharing", "shares_with_next", "sample_angle"),
    n_hidden=2,
    data=("independent",),
    training_set=True,
    density=True,
    varied=("data.training_samples", "data.set", "optimizer.lr"),
)
PANELS_IN_ROW = 3


@styled
def draw(tables: Tables) -> Figure:
    """Draw the ratio over T, and a panel of hidden vectors for each T."""
    runs = tables.runs[tables.runs["fifth_dimensionality"] < MEMORISES]
    memorise = f"{size(tables.runs)}. {len(runs)} of {len(tables.runs)} runs memorise."
    if runs.empty:
        return only_text([memorise])
    best = runs.loc[runs.groupby(T)["training_loss"].idxmin()].sort_values(T)
    rows = max(2, math.ceil(len(best) / PANELS_IN_ROW))
    figure = Figure(figsize=(8.2, 0.3 + 1.8 * rows), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.2])  # type: ignore[misc]
    _ratio(left.subplots(), runs, best)
    axes = right.subplots(rows, PANELS_IN_ROW).ravel()
    for ax in axes[len(best) :]:
        ax.set_axis_off()
    for ax, (_, run) in zip(axes, best.iterrows(), strict=False):
        part = tables.where(**{name: run[name] for name in RUN})
        vectors(ax, hidden(part), SAMPLES)
        _edges(ax, part)
        ax.set_title(f"T = {int(run[T]):,}")
    note(figure, memorise)
    return figure


def _ratio(ax: Axes, runs: pd.DataFrame, best: pd.DataFrame) -> None:
    n, p = int(runs["n_features"].iloc[0]), float(runs["density"].iloc[0])
    chance = theory.shared_chance(n, p)
    ax.plot(runs[T], runs["neighbours_sharing"] / chance, "o", color=SAMPLES, alpha=0.35, markersize=4,
            markeredgewidth=0)  # fmt: skip
    ax.plot(best[T], best["neighbours_sharing"] / chance, "o-", color=SAMPLES, markersize=5)
    ax.axhline(1, color=FAINT, linestyle=":", linewidth=1)
    samples_axis(ax, runs[T].to_numpy(float))
    ax.set(ylabel="neighbours that share, over chance", ylim=(0, None))


def _edges(ax: Axes, part: Tables) -> None:
    """Draw an edge between neighbours on the ring that share a feature."""
    ring = part.samples[part.samples["shares_with_next"].notna()].sort_values("sample_angle")
    h = np.array(ring["h"].tolist(), float).reshape(-1, 2)
    both = np.stack([h, np.roll(h, -1, axis=0)], axis=1)
    shares = ring["shares_with_next"].to_numpy(float) == 1
    ax.add_collection(LineCollection(list(both[shares]), colors=INK, linewidths=1.4))
