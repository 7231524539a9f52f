"""Questions about two features in one dimension: the phase diagram and its theory (notebook 2)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from superpos import theory
from superpos.api.exercises.checking import (
    Checked,
    Unreadable,
    array,
    compared,
    exercise,
    known_name,
    number,
    returned,
    runs_with,
    tied,
)
from superpos.metrics import array_likes
from superpos.metrics.feature_phases import predicted
from superpos.tables import Tables

PHASES = ("ignored", "dedicated", "superposition")
"""What happens to the second feature in each phase."""
RATIOS, DENSITIES = np.array([0.2, 1.0, 3.0]), np.array([0.05, 0.3, 0.8])


@exercise
def pair_loss(answer: Callable[..., Any]) -> Checked:
    """A function f(r, p): the loss of an antipodal pair with importances 1 and r and density p.

    W = [1, -1] and b = 0. If both are on, each loses the square of the smaller: (1 + r) p² / 6.
    """
    found = [
        float(array(returned(answer, r, p), (), "your loss", "one number")) for r, p in _grid()
    ]
    r, p = np.array(_grid()).T
    return compared(
        np.array(found),
        theory.two_in_one(r, p)["superposition"],
        "Only if both are on, with probability p², is anything lost: the square of the smaller one,"
        " 1/6 on average, for each of the two.",
        {
            "You have 1/3 in place of 1/6. Each is too small by the smaller of the two, and the mean"
            " of its square is 1/6.": (1 + r) * p**2 / 3,
            "Both features lose the square of the smaller one. Add the second, with importance r.": (
                p**2 / 6
            ),
            "The first feature loses as much as the second, with importance 1. Add it.": r
            * p**2
            / 6,
            "Both have to be on for an error, which has probability p², not p.": (1 + r) * p / 6,
            "You took the chance that exactly one is on. A pair reconstructs one feature alone without"
            " an error.": (1 + r) * 2 * p * (1 - p) / 6,
            "You used S in place of p = 1 - S.": (1 + r) * (1 - p) ** 2 / 6,
            "The importance of the first feature is 1, that of the second r. You took r for both.": (
                2 * r * p**2 / 6
            ),
        },
        "Say that both are on and x₁ > x₂. The outputs are x₁ - x₂ and 0, so how much is missing from"
        " each? Average its square, for uniform x₁ and x₂, and multiply by the chance of both.",
    )


@exercise
def pair_density(answer: Any, importance: float = 1.0) -> Checked:
    """The density below which an antipodal pair loses less than either feature alone.

    4 r / (2 + 5 r) for importance r <= 1 of the second feature, and 4 / (5 + 2 r) above.
    """
    if not (isinstance(importance, int | float) and 0 < importance < math.inf):
        raise Unreadable(f"The check has importance={importance!r}; give a number above 0.")
    r = importance
    right = float(theory.phase_boundary(r))
    kept, dropped = ("second", "first") if r > 1 else ("first", "second")
    return compared(
        number(answer),
        right,
        f"There the pair's loss is that of a model which stores the {kept} feature alone.",
        {
            "That is the sparsity S at which they are equal. The density is 1 - S.": 1 - right,
            "You let the dropped feature lose p/3, as with a bias of 0. With its mean as the bias it"
            " loses p/3 - p²/4.": 2 * min(r, 1) / (1 + r),
            f"That compares with a model that keeps the other one. The best drops the {dropped}.": (
                4 / (5 + 2 * r) if r < 1 else 4 * r / (2 + 5 * r)
            ),
            "That counts what one of the two loses in the pair. Both lose as much.": (
                4 * min(r, 1) / (2 * max(r, 1) + 3 * min(r, 1))
            ),
            "That leaves out what the more important feature loses in the pair.": 4 / 5,
            "That is the boundary for equal importance.": theory.PAIR_DENSITY,
        },
        f"Set the pair's loss, (1 + r) p²/6, equal to what the dropped {dropped} feature loses,"
        " and solve for p.",
    )


@exercise
def cheapest(answer: Any, points: Sequence[tuple[float, float]]) -> Checked:
    """For each point (r, p), the phase of the second feature that has the smallest loss.

    Where several phases lose the same, as all three do at (1, 4/7), each of them is right.
    """
    names = array_likes.plain(answer)
    if not isinstance(names, list) or len(names) != len(points):
        raise Unreadable(f"Give a list of {len(points)} names, one for each point.")
    given = [known_name(each, PHASES) for each in names]
    for (r, p), phase in zip(array_likes.plain(points), given, strict=True):
        if phase not in _cheapest(r, p):
            return Checked(False, _why_not(r, p, phase))
    return Checked(True, "These have the smallest of the three losses.")


@exercise
def agreement(answer: Any, phases: Tables) -> Checked:
    """The share of points of a phase diagram whose best run is in the phase that theory predicts."""
    agrees = _agrees(phases)
    best = phases.runs["rank"].to_numpy() == 0
    right = float(agrees[best].mean())
    return compared(
        number(answer),
        right,
        "The points that disagree lie on the boundaries: there two phases lose nearly the same, and"
        " theory compares weights of length 1 only.",
        {
            "That is the share of all runs. Of each point take the best run, `phases.best()`:"
            " the others often end in a worse minimum.": float(agrees.mean()),
            "That is the share that disagrees.": 1 - right,
            "That is a percentage. Give a share between 0 and 1.": 100 * right,
            "That is the number of points that agree. Divide by how many there are.": (
                float(agrees[best].sum())
            ),
        },
        "Compare `phases.best().runs` row by row: the column `phase` is what was trained, and"
        " `predicted(2, 1, r, p)` what theory says.",
    )


def _agrees(phases: Tables) -> np.ndarray:
    """Whether each run is in the predicted phase [run]."""
    runs = runs_with(phases, "rank", "density", "importance_last", "phase")
    r, p = runs["importance_last"].to_numpy(float), runs["density"].to_numpy(float)
    n, m = int(runs["n_features"].iloc[0]), int(runs["n_hidden"].iloc[0])
    return np.asarray(runs["phase"].to_numpy() == predicted(n, m, r, p))


def _cheapest(r: float, p: float) -> list[str]:
    """The phases that have the smallest loss: several if they are equal up to rounding."""
    losses = theory.two_in_one(r, p)
    by_phase = {phase: float(losses[phase]) for phase in PHASES}
    return [phase for phase in PHASES if tied(by_phase[phase], min(by_phase.values()))]


def _why_not(r: float, p: float, phase: str) -> str:
    losses = theory.two_in_one(r, p)
    at = f"At importance {r:g} and density {p:g}"
    if phase != "superposition" and "superposition" in _cheapest(r, p):
        return f"{at} the two are rarely on together, so a pair loses little. Compute its loss."
    if phase == "superposition":
        return f"{at} both are on too often, or one of them matters too little, for a pair to pay."
    more = "more" if r > 1 else "less"
    return (
        f"{at} the second feature matters {more} than the first, so one loses {losses[phase]:.3g}"
        " with your choice. Which one should be kept?"
    )


def _grid() -> list[tuple[float, float]]:
    return [(float(r), float(p)) for r in RATIOS for p in DENSITIES]
