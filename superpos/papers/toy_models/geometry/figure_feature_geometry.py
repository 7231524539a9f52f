"""Feature dimensionality, and graphs of the geometry (section "The Geometry of Superposition")."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from superpos import lookup
from superpos.config.condition import Positive
from superpos.config.needs import Needs
from superpos.papers.toy_models.geometry.nearest_condition import nearest
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import weights
from superpos.plotting.sparsity import sparsest, sparsity, sparsity_axis
from superpos.plotting.style import FAINT, INK, styled
from superpos.tables import Tables

CAPTION = (
    "The dimensionality of every represented feature (dots) around dimensions per feature (line), with the"
    " fractions of regular polytopes. Below, graphs of the features' geometry: nodes are represented"
    " features, edges join those with |Wᵢ·Wⱼ| > 0.1, and the colour of a node is that of the nearest"
    " fraction, or grey if none is near. The models are at rest. Section “The Geometry of Superposition”,"
    " feature dimensionality."
)
NEEDS = Needs(
    metrics=("dimensionality", "dimensions_per_feature", "component", "component_size"),
    tied=True,
    density=True,
    by=("density",),
)

# PAPER: magenta, blue, green, yellow, orange, purple, red; here in shades that colour-blind readers can
# tell apart.
FRACTIONS = (
    (1.0, "1", "dedicated dimension, 1 feature in 1", "#CC79A7"),
    (3 / 4, "3/4", "tetrahedron, 4 in 3", "#0072B2"),
    (2 / 3, "2/3", "triangle, 3 in 2", "#009E73"),
    (1 / 2, "1/2", "digon, 2 in 1", "#E0B400"),
    (2 / 5, "2/5", "pentagon, 5 in 2", "#D55E00"),
    (3 / 8, "3/8", "square antiprism, 8 in 3", "#6A3D9A"),
    (0.0, "0", "feature not learned", "#A50026"),
)
APART = {"2/5": 4, "3/8": -4}
"""Shift upwards, in points, of names that would overlap."""
NEAR = 0.05
"""A feature this close to a fraction has its colour, unless another fraction is nearer."""
LETTERS = "abcdefghijkl"
JITTER = 0.1
"""The largest horizontal shift of a dot, as a share of the spacing between densities."""


@styled
def draw(tables: Tables, graphs: Sequence[Positive]) -> Figure:
    """Draw the dimensionalities, and below them graphs of the conditions nearest to each of `graphs`.

    graphs: values of 1 / (1 - S).
    """
    shown = tables.best()
    figure = Figure(figsize=(9.6, 8.6), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[4.6, 4.0])  # type: ignore[misc]
    chosen = [nearest(shown, x) for x in graphs]
    _scatter(top.subplots(), shown, [float(sparsity(part.runs)[0]) for part in chosen])
    columns = -(-len(chosen) // 2)
    rows = -(-len(chosen) // columns)
    axes = bottom.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes[len(chosen) :]:
        ax.set_axis_off()
    for ax, part, letter in zip(axes, chosen, LETTERS, strict=False):
        _graph(ax, part, letter)
    note(figure, _small_print(shown, chosen))
    return figure


def _nodes(part: Tables) -> pd.DataFrame:
    """The represented features."""
    features = part.features
    return features[features["component_size"] > 0].sort_values(["density", "feature"])


def _scatter(ax: Axes, shown: Tables, marked: list[float]) -> None:
    for value, name, what, colour in FRACTIONS:
        ax.axhspan(value - 0.006, value + 0.006, color=colour, alpha=0.45, linewidth=0, zorder=0)
        ax.annotate(f"{name}  {what}", (1, value), (5, APART.get(name, 0)),
                    xycoords=("axes fraction", "data"),
                    textcoords="offset points", va="center", fontsize=8, color=colour)  # fmt: skip
    runs = shown.runs.sort_values("density", ascending=False)
    x = sparsity(runs)
    ax.plot(x, runs["dimensions_per_feature"], color=FAINT, linewidth=1.4, zorder=2)
    features = shown.features.sort_values(["density", "feature"], ascending=[False, True])
    learned = (features["component_size"] > 0).to_numpy()
    places = sparsity(features) * _jitter(len(features), x)
    D = features["dimensionality"].to_numpy(float)
    ax.plot(places[learned], D[learned], ".", color="black", markersize=2, alpha=0.5, zorder=3)
    ax.plot(places[~learned], D[~learned], ".", color=FAINT, markersize=1, alpha=0.25, zorder=1)
    for letter, place in zip(LETTERS, marked, strict=False):
        ax.annotate(letter, (place, 1.045), ha="center", fontsize=9, color=INK)
        ax.axvline(place, color=FAINT, linewidth=0.4, linestyle=":", zorder=0)
    sparsity_axis(ax, last=sparsest(runs))
    ax.set(ylim=(-0.03, 1.1), ylabel="feature dimensionality")
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "¼", "½", "¾", "1"])


def _jitter(count: int, x: np.ndarray) -> np.ndarray:
    """Factors that spread dots at the same x over a fraction of the spacing in x."""
    spacing = np.log(x[1] / x[0]) if len(x) > 1 else 0
    return np.exp(spacing * np.random.default_rng(0).uniform(-JITTER, JITTER, count))


def _graph(ax: Axes, part: Tables, letter: str) -> None:
    nodes = _nodes(part)
    x = float(sparsity(part.runs)[0])
    ax.set_title(f"{letter}   1 / (1 − S) = {x:.3g}: {len(nodes)} features", fontsize=8.5)
    ax.set(xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
    if nodes.empty:
        return
    W = weights(nodes)
    products = abs((W[:, None] * W).sum(2))
    np.fill_diagonal(products, 0)
    place = _layout(products, nodes["component"].to_numpy(int))
    i, j = np.nonzero(np.triu(products > 0.1))
    strength = np.clip(products[i, j], 0, 1)
    many = len(i) > 8 * len(nodes)
    ax.add_collection(LineCollection(
        np.stack([place[i], place[j]], axis=1), colors=INK, linewidths=0.2 + 1.2 * strength,  # type: ignore[arg-type]
        alpha=(0.06 if many else 0.5), zorder=1))  # fmt: skip
    D = nodes["dimensionality"].to_numpy(float)
    ax.scatter(*place.T, s=11, c=_colours(D), edgecolors=INK, linewidths=0.3, zorder=2)  # type: ignore[misc]
    ax.margins(0.06)


def _colours(D: np.ndarray) -> list[str]:
    closest = [min(FRACTIONS, key=lambda f: abs(f[0] - d)) for d in D]
    return [f[3] if abs(f[0] - d) <= NEAR else "#BBBBBB" for f, d in zip(closest, D, strict=True)]


def _layout(products: np.ndarray, component: np.ndarray) -> np.ndarray:
    """Positions [node, 2], with the components side by side in rows, largest first."""
    place = np.zeros((len(component), 2))
    labels, count = np.unique(component, return_counts=True)
    order = labels[np.lexsort((labels, -count))]
    radii = [0.62 * np.sqrt(max((component == label).sum(), 1.5)) for label in order]
    width = 2.1 * np.sqrt(sum(4 * r * r for r in radii))
    x = y = row = 0.0
    for label, radius in zip(order, radii, strict=True):
        members = np.flatnonzero(component == label)
        if x > 0 and x + 2 * radius > width:
            x, y, row = 0.0, y - 2 * row - 0.4, 0.0
        row = max(row, radius)
        place[members] = (x + radius, y - radius) + radius * 0.85 * _spread(products, members)
        x += 2 * radius + 0.4
    return place


def _spread(products: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Positions of a component's nodes in the unit disc."""
    if len(members) == 1:
        return np.zeros((1, 2))
    edges = np.where(products > 0.1, products, 0)[np.ix_(members, members)]
    # Needed by this figure alone, and only to draw it.
    with lookup.extra("figures"):
        import networkx as nx
    graph = nx.from_numpy_array(edges)
    found = nx.spring_layout(graph, seed=0, iterations=200)
    at = np.array([found[i] for i in range(len(members))])
    at -= at.mean(0)
    return np.asarray(at / max(np.hypot(*at.T).max(), 1e-9))


def _small_print(shown: Tables, chosen: list[Tables]) -> str:
    lines = [
        "Shown: the run with the smallest held-out loss at each density"
        f" (replicate {', '.join(map(str, sorted(shown.runs['replicate'].unique())))})."
        " Faint dots: features that are not represented (‖W‖² at most half the largest)."
    ]
    lines += ["Features in components of each size: " + "; ".join(map(_mix, chosen)) + "."]
    return "\n".join(lines)


def _mix(part: Tables) -> str:
    sizes, counts = np.unique(_nodes(part)["component_size"].to_numpy(int), return_counts=True)
    parts = [f"{count} in size {size}" for size, count in zip(sizes, counts, strict=True)]
    few = parts if len(parts) <= 5 else [*parts[:2], f"… {parts[-1]}"]
    return ", ".join([f"at {sparsity(part.runs)[0]:.3g}", *few])
