"""Phase diagrams of what happens to a feature, over importance and density ("Superposition as a Phase
Change")."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.metrics import feature_phases
from superpos.papers.toy_models.phases import maps
from superpos.papers.toy_models.phases.maps import Maps
from superpos.papers.toy_models.phases.outcome_marks import outcomes
from superpos.papers.toy_models.phases.plane_marks import (
    boundaries,
    frame,
    heat_map,
    key,
    mixed,
    phase_map,
)
from superpos.plotting.marks import note
from superpos.plotting.style import styled
from superpos.tables import Tables

CAPTION = (
    "What becomes of the last feature as its relative importance and the density of all features change."
    " Above are the possible outcomes, the one that the closed forms say is cheapest, the exact optimum over"
    " weights and biases, and the best trained run. Below is what single runs do: the mean of nine of ten"
    " models, as the paper describes its diagram, and how many runs end as the best one does. Lines are the"
    " boundaries of the closed forms. At a few points of F6 all restarts miss the best arrangement. Section"
    " “Superposition as a Phase Change”."
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
    unit_norm=False,
    density=True,
    importance="one but the last",
    by=("density", "importance_last"),
    grid=True,
    theory=("phase_optimum",),
)


@styled
def draw(tables: Tables) -> Figure:
    """Draw the outcomes, theory, exact optimum and experiment, and below them how often single runs agree."""
    m = maps.maps(tables)
    (optimum,) = (t for t in tables.theory.values() if _fits(t, m))
    figure = Figure(figsize=(11, 6.4), layout="constrained")
    above, below = figure.subplots(2, 4)
    _above(above, m, optimum)
    _below(below, m, maps.mean_of_nine(tables))
    note(figure, _small_print(m, optimum))
    return figure


def _above(row: np.ndarray, m: Maps, optimum: pd.DataFrame) -> None:
    sketch, predicted, exact, best = row
    outcomes(sketch, m.shape)
    r, p = (np.geomspace(axis[0], axis[-1], 401) for axis in (m.importance, m.density))
    phase_map(
        predicted,
        p,
        r,
        feature_phases.predicted(*m.shape, r, p[:, None]),
        "Theory: cheapest outcome",
    )
    norm, superposition = (maps.grid(optimum, c) for c in ("feature_norm", "superposition"))
    at_p, at_r = (np.sort(optimum[c].unique()) for c in ("density", "importance"))
    heat_map(exact, at_p, at_r, mixed(norm, superposition), "Exact optimum: free weights, biases")
    frame(exact, m.density, m.importance)
    heat_map(best, m.density, m.importance, mixed(m.norm, m.superposition),
           f"Trained: best of {m.runs}")  # fmt: skip
    predicted.set_ylabel("feature density 1 − S")
    for ax in (exact, best):
        boundaries(ax, m)


def _below(row: np.ndarray, m: Maps, mean_of_nine: tuple[np.ndarray, np.ndarray]) -> None:
    colours, mean, nearest, hits = row
    key(colours)
    ten = min(maps.TEN, m.runs)
    heat_map(mean, m.density, m.importance, mixed(*mean_of_nine),
           f"Mean of {max(ten - 1, 1)} of {ten}, as in the paper")  # fmt: skip
    phase_map(nearest, m.density, m.importance, m.phase, "Outcome nearest to the best run")
    image = heat_map(hits, m.density, m.importance, m.hits, "Runs that end as the best does")
    bar = hits.figure.colorbar(image, cax=hits.inset_axes((1.04, 0, 0.05, 1)), ticks=[0, 0.5, 1])
    bar.ax.set_yticklabels(["0", "½", "all"])
    mean.set_ylabel("feature density 1 − S")
    for ax in (mean, nearest, hits):
        boundaries(ax, m)
        ax.set_xlabel("importance of the last feature")


def _fits(table: pd.DataFrame, m: Maps) -> bool:
    return "b" in table and len(table["b"].iloc[0]) == m.shape[0]


def _small_print(m: Maps, optimum: pd.DataFrame) -> str:
    exact = maps.grid(optimum, "phase")
    p, r = (np.sort(optimum[c].unique()) for c in ("density", "importance"))
    by_theory = maps.agreement(exact, feature_phases.predicted(*m.shape, r, p[:, None]))
    far = maps.far_from_boundary(m, 0.1)
    everywhere = maps.agreement(m.phase, m.predicted)
    away = maps.agreement(m.phase, m.predicted, far)
    covered = all(
        computed[0] <= drawn[0] and drawn[-1] <= computed[-1]
        for computed, drawn in ((p, m.density), (r, m.importance))
    )
    elsewhere = "" if covered else ", and it was not computed where its panel is blank"
    return (
        f"Trained: {len(m.density)} × {len(m.importance)} points with {m.runs} runs each, of which the best"
        " is chosen by held-out loss. The outcome of the best run is theory's at"
        f" {100 * everywhere:.1f}% of all points, and at {100 * away:.1f}% of those that are 0.1 decades or"
        f" more from a boundary. {100 * m.hits.mean():.0f}% of single runs end as the best one does.\nThe"
        f" mean leaves out the run with the highest loss. Exact optimum: {len(p)} × {len(r)} points; the"
        f" outcome is theory's at {100 * by_theory:.1f}%{elsewhere}. Superposition is measured by Σ(Ŵ·W)²."
    )
