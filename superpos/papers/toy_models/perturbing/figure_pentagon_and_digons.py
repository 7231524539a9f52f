"""One feature's density varied among five in the plane (section "The Geometry of Superposition")."""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import NullLocator

from superpos import theory
from superpos.config.needs import Needs
from superpos.papers.toy_models.perturbing.solutions import best_of_kind, leaves_out_varied, turned
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import planar_weights
from superpos.plotting.style import FAINT, INK, MODEL_COLOURS, styled
from superpos.tables import Tables
from superpos.theory import regular_polygon
from superpos.theory.crossing import best, crossing, interval

CAPTION = (
    "Five features in two dimensions, one of them sparser or denser than the others. Top: the best run of"
    " each geometry, turned so that the varied feature points up, and coloured by its relative density"
    " (diamonds are the varied feature itself); lines follow each vertex from sparse to dense. Bottom: the"
    " expected loss of every run, and where digons and pentagon cost the same."
    " Section “The Geometry of Superposition”, “Perturbing a Single Feature”."
)
NEEDS = Needs(
    metrics=("feature_norm", "represented", "exact_loss"),
    n_features=5,
    n_hidden=2,
    tied=True,
    relu_hidden=False,
    relu_output=True,
    absolute_target=False,
    data=("independent",),
    signed=False,
    unit_norm=False,
    importance="one",
    by=("density_first_ratio",),
    conditions=2,
)
SHOWN = (
    "The best replicate of each geometry at each relative density, by held-out loss; below, every"
    " run."
)
KINDS = (
    ("digons without the varied feature", 4, True, MODEL_COLOURS[1], "s"),
    ("digons without another feature", 4, False, MODEL_COLOURS[1], "x"),
    ("pentagon", 5, None, MODEL_COLOURS[0], "o"),
    ("three features left", 3, None, MODEL_COLOURS[2], "^"),
)
"""The geometries: the number of features with a norm above 0.5, and whether the varied one is left out."""
TEXT_RATIO = 1 / 2.5


@styled
def draw(tables: Tables) -> Figure:
    """Draw the two geometries, and below them the losses of all runs."""
    figure = Figure(figsize=(8.2, 8.2), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[4.1, 3.9])  # type: ignore[misc]
    ratios = np.sort(tables.runs["density_first_ratio"].unique().astype(float))
    norm = LogNorm(ratios[0], ratios[-1])
    axes = top.subplots(1, 2)
    for ax, kind, title in zip(
        axes, (4, 5), ("Digon (Square) Solutions", "Pentagon Solutions"), strict=True
    ):
        _plane(ax, title)
        _solutions(ax, tables, kind, norm)
    bar = top.colorbar(ScalarMappable(norm, "viridis"), ax=list(axes), fraction=0.03,
                       label="relative density of the varied feature")  # fmt: skip
    bar.set_ticks([0.1, 0.3, 1, 3, 10], labels=["0.1 ×", "0.3 ×", "1 ×", "3 ×", "10 ×"])
    bar.ax.yaxis.set_minor_locator(NullLocator())
    _losses(bottom.subplots(), tables, ratios)
    note(figure, _small_print(tables))
    return figure


def _plane(ax: Axes, title: str) -> None:
    ax.add_patch(Circle((0, 0), 1, fill=False, edgecolor=FAINT, linewidth=0.8))
    for x, y in turned(regular_polygon(5)):
        ax.plot([0, 1.3 * x], [0, 1.3 * y], color=FAINT, linewidth=0.4, zorder=0)
    ax.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), xticks=[-1, 0, 1], yticks=[-1, 0, 1], title=title)
    ax.set_aspect("equal")


def _solutions(ax: Axes, tables: Tables, kind: int, norm: LogNorm) -> None:
    shown = best_of_kind(tables, kind)
    paths = []
    for run in shown.itertuples():
        features = tables.where(condition=run.condition, replicate=int(run.replicate)).features
        W = turned(planar_weights(features.sort_values("feature")))
        colour = mpl.colormaps["viridis"](norm(run.density_first_ratio))
        ax.scatter(*W.T, s=16, color=colour, zorder=3, linewidths=0)  # type: ignore[misc]
        ax.scatter(*W[0], s=40, color=colour, marker="D", zorder=4, linewidths=0)  # type: ignore[misc]
        paths.append(W)
    for path in np.array(paths).transpose(1, 0, 2) if paths else ():
        ax.plot(*path.T, color=FAINT, linewidth=0.7, zorder=1)
        _arrow(ax, path)


def _arrow(ax: Axes, path: np.ndarray) -> None:
    """Draw an arrow beside a vertex's path, from its sparsest to its densest end, if it moves at all."""
    first, last = path[0], path[-1]
    if np.hypot(*(last - first)) < 0.06:
        return
    outward = 0.12 * (first + last) / max(np.hypot(*(first + last)), 1e-9)
    ax.annotate("", last + outward, first + outward,
                arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 0.9})  # fmt: skip


def _losses(ax: Axes, tables: Tables, ratios: np.ndarray) -> None:
    runs = tables.runs
    left_out = leaves_out_varied(tables, 0.5)
    for name, count, leaves, colour, marker in KINDS:
        part = runs[(runs["represented"] == count) & (leaves is None or left_out == leaves)]
        if part.empty:
            continue
        ax.plot(part["density_first_ratio"], part["exact_loss"], marker, color=colour, markersize=3.5,
                markerfacecolor="none", markeredgewidth=0.7, label=f"{name}, {len(part)} runs")  # fmt: skip
    p = _others(tables)
    fine = np.geomspace(ratios[0], ratios[-1], 400)
    sparser, denser = fine[fine <= 1], fine[fine >= 1]
    ax.plot(sparser, theory.square_and_ignored(p, p * sparser), color=INK, linewidth=0.8,
            label="digons, theory: v(ρp) + 2p²/3 for ρ ≤ 1", zorder=0)  # fmt: skip
    ax.plot(denser, theory.square_with_varied(p, p * denser), ":", color=INK, linewidth=0.8,
            label="v(p) + (1 + ρ) p²/3 for ρ ≥ 1", zorder=0)  # fmt: skip
    at, low, high = _crossing(tables, ratios)
    if np.isfinite([at, low, high]).all():
        ax.axvspan(low, high, color=MODEL_COLOURS[3], alpha=0.35, linewidth=0)
        ax.axvline(
            at, color=MODEL_COLOURS[3], linewidth=1, label=f"losses cross: {1 / at:.2f} × sparser"
        )
    ax.axvline(
        TEXT_RATIO,
        color=INK,
        linewidth=0.9,
        linestyle="--",
        label="the paper's text: 2.5 × sparser",
    )
    ticks = [0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10]
    ax.set(xscale="log", yscale="log", ylabel="expected loss",
           xlabel="relative density ρ of the varied feature",
           title="The Pentagon–Digon Phase Change Corresponds to a Loss Curve Crossover")  # fmt: skip
    ax.set_xticks(ticks, labels=[f"{t:g} ×" for t in ticks])
    ax.set_yticks(
        [0.003, 0.005, 0.01, 0.02, 0.05], labels=["0.003", "0.005", "0.01", "0.02", "0.05"]
    )
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    ax.legend(loc="upper left", frameon=True, framealpha=1, edgecolor="none")


def _others(tables: Tables) -> float:
    """The density of the features that are not varied."""
    features = tables.features
    return float(features.loc[features["feature"] == 1, "feature_density"].iloc[0])


def _branch(tables: Tables, kind: int, ratios: np.ndarray) -> list[np.ndarray]:
    runs = tables.runs[tables.runs["represented"] == kind]
    return [
        runs.loc[np.isclose(runs["density_first_ratio"], r), "exact_loss"].to_numpy(float)
        for r in ratios
    ]


def _crossing(tables: Tables, ratios: np.ndarray) -> tuple[float, float, float]:
    digons, pentagon = (_branch(tables, kind, ratios) for kind in (4, 5))
    point = crossing(ratios, best(digons), best(pentagon))
    return point, *interval(ratios, digons, pentagon)


def _small_print(tables: Tables) -> str:
    ratios = np.sort(tables.runs["density_first_ratio"].unique().astype(float))
    at, low, high = _crossing(tables, ratios)
    counts = tables.runs.groupby("condition").size()
    crossed = (
        f"cross at ρ = {at:.4f} (from {low:.5f} to {high:.5f} in 95% of resampled restarts), where the"
        f" varied feature is {1 / at:.2f} times sparser"
        if np.isfinite(at)
        else "do not cross"
    )
    return (
        f"Top: of {counts.min()} replicates at each relative density, the best of each geometry by"
        " held-out loss\n(digons: of those without the varied feature). Bottom: exact expected losses"
        f" of all runs.\nDigons and pentagon {crossed}."
    )
