"""Marks for the plane of importance and density: heat maps, phases, boundaries, the colour key.

PAPER: the hue goes from blue to red as superposition goes from 0 to 1, and is grey if the norm is 0;
density 0.01 is at the bottom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.image import AxesImage

from superpos import theory
from superpos.metrics import feature_phases
from superpos.papers.toy_models.phases.maps import Maps
from superpos.plotting.style import INK

if TYPE_CHECKING:
    from jaxtyping import Float, Int

COLOURS = {
    "ignored": "#CFCFCF",
    "dedicated": "#1B3F94",
    "superposition": "#C8203A",
    "others_superposed": "#7FA6DC",
}
MOST_TICKS = 5
"""The largest number of ticks of an axis."""


def mixed(
    norm: Float[np.ndarray, " ..."], superposition: Float[np.ndarray, " ..."]
) -> Float[np.ndarray, "... 3"]:
    """RGB colours, from blue to red with superposition, and from grey with the norm."""
    grey, blue, red = (
        np.array(to_rgb(COLOURS[name])) for name in ("ignored", "dedicated", "superposition")
    )
    hue = np.clip(superposition, 0, 1)[..., None]
    strength = np.clip(norm, 0, 1)[..., None]
    colours: np.ndarray = grey + strength * (blue + hue * (red - blue) - grey)
    return colours


def heat_map(
    ax: Axes,
    p: Float[np.ndarray, " density"],
    r: Float[np.ndarray, " importance"],
    values: Float[np.ndarray, "density importance *rgb"],
    title: str,
) -> AxesImage:
    """Draw values from 0 to 1, or colours, as cells of the log-log plane, low densities at the bottom."""
    across, up = _even(np.log10(r)), _even(np.log10(p))
    sides = [_edges(axis) for axis in (across, up)]
    cells = values[np.ix_(_nearest(np.log10(p), up), _nearest(np.log10(r), across))]
    image = ax.imshow(cells, origin="lower", extent=(*sides[0], *sides[1]), aspect="auto",
                      cmap="cividis", vmin=0, vmax=1)  # fmt: skip
    frame(ax, p, r)
    ax.set_box_aspect(1)
    ax.set_title(title)
    return image


def frame(ax: Axes, p: Float[np.ndarray, " density"], r: Float[np.ndarray, " importance"]) -> None:
    """Let a plane reach from the first to the last density and importance, with their ticks."""
    ax.set(xlim=np.log10(r[[0, -1]]), ylim=np.log10(p[[0, -1]]))
    ax.set_xticks(_ticks(r), labels=[f"{_number(at)}×" for at in _ticks(r)])
    ax.set_yticks(_ticks(p), labels=[_number(at) for at in _ticks(p)])


def phase_map(
    ax: Axes,
    p: Float[np.ndarray, " density"],
    r: Float[np.ndarray, " importance"],
    phase: Int[np.ndarray, "density importance"],
    title: str,
) -> None:
    """Draw each phase in its colour."""
    palette = np.array([to_rgb(COLOURS[name]) for name in feature_phases.NAMES])
    heat_map(ax, p, r, palette[phase], title)


def boundaries(ax: Axes, m: Maps) -> None:
    """Draw the closed forms' boundaries, which are the same for both diagrams below r = 1."""
    first, last = m.importance[[0, -1]]
    low, high = np.geomspace(min(first, 1), 1, 100), np.geomspace(1, max(last, 1), 100)
    two = m.shape == (2, 1)
    right = theory.phase_boundary(high) if two else np.full(100, theory.PAIR_DENSITY)
    for r, p in ((low, theory.phase_boundary(low)), (high, right)):
        ax.plot(np.log10(r), np.log10(p), color=INK, linewidth=0.8)
    lowest = theory.PAIR_DENSITY if two else m.density[0]
    ax.vlines(0, np.log10(lowest), 0, color=INK, linewidth=0.8)


def key(ax: Axes) -> None:
    """Draw the key to the colours of `mixed`."""
    side = np.linspace(0, 1, 50)
    ax.imshow(mixed(side[:, None], side[None, :]), origin="lower", extent=(0, 1, 0, 1))
    ax.set_xticks([0, 0.5, 1], labels=["0", "½", "≥ 1"])
    ax.set_yticks([0, 0.5, 1], labels=["0", "½", "≥ 1"])
    ax.set(xlabel="superposition", ylabel="norm", title="Colours of the last feature")
    ax.set_anchor("C")


def _ticks(values: np.ndarray) -> np.ndarray:
    """Where an axis has ticks: at powers of ten or, if it has not two of them, at its ends."""
    ends = np.log10(values[[0, -1]])
    first, last = ends.round(9)
    decades = np.arange(np.ceil(first), np.floor(last) + 1)
    step = max(-(-len(decades) // MOST_TICKS), 1)
    return decades[decades % step == 0] if len(decades) > 1 else np.unique(ends)


def _number(place: float) -> str:
    """The number at a place of a logarithmic axis: 1e−5, 0.01 and 1,000."""
    number = 10**place
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}".replace("e-0", "e−")


def _even(centres: np.ndarray) -> np.ndarray:
    """The centres themselves if they are evenly spaced, as in a grid; otherwise 401 evenly spaced ones."""
    even = np.linspace(centres[0], centres[-1], len(centres))
    return (
        even if np.allclose(centres, even, atol=1e-4) else np.linspace(centres[0], centres[-1], 401)
    )


def _nearest(centres: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The index of the centre that is nearest to each place."""
    index: np.ndarray = abs(places[:, None] - centres).argmin(1)
    return index


def _edges(centres: np.ndarray) -> tuple[float, float]:
    half = (centres[-1] - centres[0]) / max(len(centres) - 1, 1) / 2
    return centres[0] - half, centres[-1] + half
