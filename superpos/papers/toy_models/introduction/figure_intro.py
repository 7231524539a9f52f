"""Five features in two dimensions, as sparsity rises (introduction)."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.plotting.marks import note, plane
from superpos.plotting.shown_runs import (
    best_run,
    by_replicate,
    conditions,
    losses,
    model,
    planar_weights,
    rule,
    sparsity_label,
)
from superpos.plotting.style import INK, styled
from superpos.tables import Tables

CAPTION = (
    "The direction of each feature in the two hidden dimensions, coloured by importance, as features become"
    " sparser. Below, the norm of each feature in every replicate (ticks) and in the run shown (dot). The"
    " models of F1 and F1_control are at rest: training four times as long lowers the loss of the best run"
    " by less than 0.1%. Introduction of the paper."
)
NEEDS = Needs(metrics=("feature_norm",), n_hidden=2, most_conditions=24)


@styled
def draw(tables: Tables) -> Figure:
    """Draw a panel for each density, from dense to sparse."""
    parts = conditions(tables)
    figure = Figure(figsize=(2.9 * len(parts) + 1.1, 5.1), layout="constrained")
    axes = figure.subplots(2, len(parts), height_ratios=[3, 1.2], squeeze=False)
    importance = tables.features["importance"]
    norm = Normalize(0, importance.max())
    several = len({*tables.runs["model"]}) > 1
    names = [_name(best_run(condition)[0], several) for condition in parts]
    for column, condition, name in zip(axes.T, parts, names, strict=True):
        _vectors(column[0], condition, norm)
        column[0].set_title(name.replace(", ", "\n"), fontsize=11)
        _norms(column[1], condition, norm)
    axes[1, 0].set_ylabel("norm")
    _scale(figure, axes[:, -1], norm, importance.min(), importance.max())
    note(figure, "\n".join(map(_condition_note, names, parts)))
    return figure


def _vectors(ax: Axes, condition: Tables, norm: Normalize) -> None:
    _, features = best_run(condition)
    plane(ax, planar_weights(features), _colours(features, norm))


def _norms(ax: Axes, condition: Tables, norm: Normalize) -> None:
    _, features = best_run(condition)
    index, replicates = features["feature"], by_replicate(condition, "feature_norm")
    for row in replicates:
        ax.hlines(row, index - 0.28, index + 0.28, color=INK, linewidth=0.7, alpha=0.5)
    colours = _colours(features, norm)
    ax.scatter(index, features["feature_norm"], c=colours, edgecolors=INK, linewidths=0.6, zorder=3)
    ax.set(xlabel="feature", xticks=index, ylim=(-0.12, max(1.3, 1.08 * replicates.max())))


def _colours(features: pd.DataFrame, norm: Normalize) -> np.ndarray:
    return np.asarray(mpl.colormaps["viridis"](norm(features["importance"].to_numpy(float))))


def _scale(figure: Figure, axes: np.ndarray, norm: Normalize, least: float, most: float) -> None:
    bar = figure.colorbar(
        ScalarMappable(norm, "viridis"), ax=list(axes), label="importance", fraction=0.05
    )
    if least < most:
        bar.ax.set_ylim(least, most)


def _name(run: pd.Series, with_model: bool) -> str:
    return f"{model(run)}, {sparsity_label(run)}" if with_model else sparsity_label(run)


def _condition_note(name: str, condition: Tables) -> str:
    return f"{name}: {rule(condition)}; {losses(condition)}"
