"""Phase diagrams of a feature's fate over importance and density ("Superposition as a Phase Change").

PAPER: hue from blue to red with superposition from 0 to 1, grey where the norm is 0; density .01 at
the bottom.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from superpos import theory
from superpos.config.needs import Needs
from superpos.metrics import feature_phases
from superpos.papers.toy_models.phases import maps
from superpos.papers.toy_models.phases.maps import Maps
from superpos.plotting.marks import note
from superpos.plotting.style import FAINT, INK, styled
from superpos.tables import Tables

CAPTION = (
    "What becomes of the last feature as its relative importance and all features' density change:"
    " the outcomes, which of them theory says is cheapest, the exact optimum over free weights and"
    " biases, and trained models. Lines: the closed forms' boundaries. Section “Superposition as a"
    " Phase Change”."
)
NEEDS = Needs(
    metrics=("feature_norm", "superposition", "phase"),
    shapes=((2, 1), (3, 2)),
    tied=True,
    relu_hidden=False,
    relu_output=True,
    absolute_target=False,
    data=("independent",),
    signed=False,
    density=True,
    importance="one but the last",
    by=("density", "importance_last"),
    grid=True,
    theory=("phase_optimum",),
)

COLOURS = {
    "ignored": "#CFCFCF",
    "dedicated": "#1B3F94",
    "superposition": "#C8203A",
    "others_superposed": "#7FA6DC",
}
LABELS = {
    "ignored": "Not represented\n(last feature is 0)",
    "dedicated": "Dedicated dimension\n(another is not represented)",
    "superposition": "Superposition\n(antipodal pair)",
    "others_superposed": "Dedicated dimension\n(other two in superposition)",
}
NORMALS = {
    "ignored": ("W = [1, 0]", "W ⊥ [0, 0, 1]"),
    "dedicated": ("W = [0, 1]", "W ⊥ [1, 0, 0]"),
    "superposition": ("W = [1, −1]", "W ⊥ [0, 1, 1]"),
    "others_superposed": ("", "W ⊥ [1, 1, 0]"),
}
FEATURES = ("#E69F00", "#009E73", "#CC79A7")
"""Colours of the features in the sketches; the last is the one that the diagrams are about."""


@styled
def draw(tables: Tables) -> Figure:
    """Schematic, theory, exact optimum and experiment; below, what single runs do."""
    m = maps.maps(tables)
    (optimum,) = (t for t in tables.theory.values() if _fits(t, m))
    figure = Figure(figsize=(14.2, 7.9), layout="constrained")
    above, below = figure.subplots(2, 4)
    _above(above, m, optimum)
    _below(below, m)
    note(figure, _text(m, optimum))
    return figure


def _above(row: np.ndarray, m: Maps, optimum: pd.DataFrame) -> None:
    sketch, predicted, exact, best = row
    _schematic(sketch, m)
    r, p = (np.geomspace(axis[0], axis[-1], 401) for axis in (m.importance, m.density))
    _phases(
        predicted,
        p,
        r,
        feature_phases.predicted(*m.shape, r, p[:, None]),
        "Theory: cheapest outcome",
    )
    norm, superposition = (maps.grid(optimum, c) for c in ("feature_norm", "superposition"))
    at_p, at_r = (np.sort(optimum[c].unique()) for c in ("density", "importance"))
    _plane(exact, at_p, at_r, mixed(norm, superposition), "Exact optimum: free weights, biases")
    _plane(best, m.density, m.importance, mixed(m.norm, m.superposition),
           f"Trained: best of {m.runs}")  # fmt: skip
    predicted.set_ylabel("feature density 1 − S")
    for ax in (exact, best):
        _boundaries(ax, m)


def _below(row: np.ndarray, m: Maps) -> None:
    key, mean, nearest, hits = row
    _key(key)
    _plane(mean, m.density, m.importance, mixed(m.mean_norm, m.mean_superposition),
           f"Trained: mean of {m.runs}, without the worst")  # fmt: skip
    _phases(nearest, m.density, m.importance, m.phase, "Outcome nearest to the best run")
    image = _plane(hits, m.density, m.importance, m.hits, "Runs that end as the best does")
    bar = hits.figure.colorbar(image, cax=hits.inset_axes((1.04, 0, 0.05, 1)), ticks=[0, 0.5, 1])
    bar.ax.set_yticklabels(["0", "½", "all"])
    mean.set_ylabel("feature density 1 − S")
    for ax in (mean, nearest, hits):
        _boundaries(ax, m)
        ax.set_xlabel("relative importance of the last feature")


def mixed(norm: np.ndarray, superposition: np.ndarray) -> np.ndarray:
    """The two-way colours, RGB [..., 3]: blue to red with superposition, from grey with the norm."""
    grey, blue, red = (
        np.array(to_rgb(COLOURS[name])) for name in ("ignored", "dedicated", "superposition")
    )
    hue = np.clip(superposition, 0, 1)[..., None]
    strength = np.clip(norm, 0, 1)[..., None]
    return grey + strength * (blue + hue * (red - blue) - grey)


def _plane(ax: Axes, p: np.ndarray, r: np.ndarray, values: np.ndarray, title: str) -> AxesImage:
    """Values [density, importance] or colours as cells of the log-log plane, least density below."""
    across, up = _even(np.log10(r)), _even(np.log10(p))
    sides = [_edges(axis) for axis in (across, up)]
    cells = values[np.ix_(_nearest(np.log10(p), up), _nearest(np.log10(r), across))]
    image = ax.imshow(cells, origin="lower", extent=(*sides[0], *sides[1]), aspect="auto",
                      cmap="cividis", vmin=0, vmax=1)  # fmt: skip
    ax.set(xlim=np.log10(r[[0, -1]]), ylim=np.log10(p[[0, -1]]))
    ax.set_xticks([-1, 0, 1], labels=["0.1×", "1×", "10×"])
    ax.set_yticks([-2, -1, 0], labels=["0.01", "0.1", "1"])
    ax.set_box_aspect(1)
    ax.set_title(title)
    return image


def _phases(ax: Axes, p: np.ndarray, r: np.ndarray, phase: np.ndarray, title: str) -> None:
    palette = np.array([to_rgb(COLOURS[name]) for name in feature_phases.NAMES])
    _plane(ax, p, r, palette[phase], title)


def _even(centres: np.ndarray) -> np.ndarray:
    """The places themselves if they are evenly spaced, as a grid's are; or else many that are."""
    even = np.linspace(centres[0], centres[-1], len(centres))
    return (
        even if np.allclose(centres, even, atol=1e-4) else np.linspace(centres[0], centres[-1], 401)
    )


def _nearest(centres: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The index of the centre that is nearest to each place."""
    return abs(places[:, None] - centres).argmin(1)


def _edges(centres: np.ndarray) -> tuple[float, float]:
    half = (centres[-1] - centres[0]) / max(len(centres) - 1, 1) / 2
    return centres[0] - half, centres[-1] + half


def _boundaries(ax: Axes, m: Maps) -> None:
    """The closed forms' boundaries: below r = 1 the same for both diagrams."""
    low, high = np.geomspace(0.1, 1, 100), np.geomspace(1, 10, 100)
    two = m.shape == (2, 1)
    right = theory.phase_boundary(high) if two else np.full(100, theory.PAIR_DENSITY)
    for r, p in ((low, theory.phase_boundary(low)), (high, right)):
        ax.plot(np.log10(r), np.log10(p), color=INK, linewidth=0.8)
    ax.vlines(0, np.log10(theory.PAIR_DENSITY) if two else -2, 0, color=INK, linewidth=0.8)


def _key(ax: Axes) -> None:
    """The two-way colour scale."""
    side = np.linspace(0, 1, 50)
    ax.imshow(mixed(side[:, None], side[None, :]), origin="lower", extent=(0, 1, 0, 1))
    ax.set_xticks([0, 0.5, 1], labels=["0", "½", "≥ 1"])
    ax.set_yticks([0, 0.5, 1], labels=["0", "½", "≥ 1"])
    ax.set(xlabel="superposition", ylabel="norm", title="Colours of the last feature")
    ax.set_anchor("C")


def _schematic(ax: Axes, m: Maps) -> None:
    """Each outcome: its colour, its name, and the features as arrows."""
    outcomes = feature_phases.configurations(*m.shape)
    ax.set(xlim=(0, 1), ylim=(0, len(outcomes)), xticks=[], yticks=[], title="Possible outcomes")
    ax.spines[:].set_visible(False)
    for row, (name, variants) in enumerate(reversed(list(outcomes.items()))):
        ax.add_patch(Rectangle((0, row + 0.1), 0.04, 0.8, color=COLOURS[name]))
        ax.text(0.44, row + 0.6, LABELS[name], va="center", fontsize=8)
        ax.text(0.44, row + 0.22, NORMALS[name][m.shape[1] - 1], va="center", fontsize=8,
                color=FAINT)  # fmt: skip
        inner = ax.inset_axes((0.08, row + 0.1, 0.3, 0.8), transform=ax.transData)
        _arrows(inner, variants[0])


def _arrows(ax: Axes, W: np.ndarray) -> None:
    """Features as arrows in one or two hidden dimensions; a dropped one as a ring at the origin."""
    flat = np.c_[W, np.zeros(len(W))][:, :2]
    for i, w in enumerate(flat):
        colour = FEATURES[i if len(W) == 3 else 2 * i]
        if abs(w).max() > 0:
            ax.annotate("", w, (0, 0), arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.8})
        else:
            ax.plot(0, 0, "o", color=colour, fillstyle="none", markersize=6)
    ax.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)


def _fits(table: pd.DataFrame, m: Maps) -> bool:
    return "b" in table and len(table["b"].iloc[0]) == m.shape[0]


def _text(m: Maps, optimum: pd.DataFrame) -> str:
    exact = maps.grid(optimum, "phase")
    p, r = (np.sort(optimum[c].unique()) for c in ("density", "importance"))
    by_theory = maps.agreement(exact, feature_phases.predicted(*m.shape, r, p[:, None]))
    far = maps.far_from_boundary(m, 0.1)
    everywhere = maps.agreement(m.phase, m.predicted)
    away = maps.agreement(m.phase, m.predicted, far)
    return (
        f"Trained: {len(m.density)} × {len(m.importance)} points, {m.runs} runs each; best by"
        " held-out loss on common samples, stratified by the number of active features. The best"
        f" run's outcome is theory's at {100 * everywhere:.1f} % of points, {100 * away:.1f} % of"
        f" those 0.1 decade from a boundary.\nExact optimum: {len(p)} × {len(r)} points; theory's"
        f" outcome at {100 * by_theory:.1f} %. Single runs end as the best does in"
        f" {100 * m.hits.mean():.0f} % of cases (least at one point:"
        f" {100 * m.hits.min():.0f} %). A feature is in superposition as measured by Σ(Ŵ·W)²."
    )
