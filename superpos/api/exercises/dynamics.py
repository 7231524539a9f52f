"""Questions about levels, stages and seeds (notebook 4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from superpos import theory
from superpos.api.exercises.checking import (
    Checked,
    Unreadable,
    array,
    checked_weights,
    compared,
    exercise,
    known_name,
    number,
    tied,
    whole_number,
)
from superpos.api.exercises.geometry import disjoint_pairs

if TYPE_CHECKING:
    from jaxtyping import Float


@exercise
def full_level(answer: Any, density: float, n_features: int, n_hidden: int) -> Checked:
    """The loss of a model with an antipodal pair in each dimension: m p² / 3 + (n - 2 m) v(p)."""
    p, n, m = density, n_features, n_hidden
    if n < 2 * m:
        raise Unreadable(f"{m} pairs need {2 * m} features. Give the check at least so many.")
    right, v = theory.digon_level(p, n, m), float(theory.variance(p))
    return compared(
        number(answer),
        right,
        f"{m} pairs lose p²/3 each, and {n - 2 * m} ignored features p/3 - p²/4 each.",
        {
            f"You left out the {n - 2 * m} features that are not stored.": m * p**2 / 3,
            "A pair loses p²/3, and you took that for each feature of a pair.": (
                2 * m * p**2 / 3 + (n - 2 * m) * v
            ),
            "A pair loses p²/6 for each of its two features.": m * p**2 / 6 + (n - 2 * m) * v,
            f"A pair in each of {m} dimensions stores {2 * m} features, so fewer are ignored.": (
                m * p**2 / 3 + (n - m) * v
            ),
            "An ignored feature loses its variance p/3 - p²/4. With p/3 its bias would be 0.": (
                m * p**2 / 3 + (n - 2 * m) * p / 3
            ),
            "That is the mean over the features. Here losses are summed over them.": right / n,
            "You used S in place of 1 - S.": theory.digon_level(1 - p, n, m),
        },
        "Add the losses of the pairs, and those of all features that are in no pair.",
    )


@exercise
def level_gap(answer: Any, density: float) -> Checked:
    """By how much the loss falls if a dimension with one feature takes a second one: v(p) - p² / 3."""
    p, v = density, float(theory.variance(density))
    return compared(
        number(answer),
        v - p**2 / 3,
        "A feature that was ignored is stored, which saves p/3 - p²/4, and the new pair loses p²/3.",
        {
            "The pair is not free: both its features lose when both are on.": v,
            "That is what the new pair loses. Compare it with what was lost before.": p**2 / 3,
            "The dimension was not empty: it held one feature, which lost nothing.": 2 * v
            - p**2 / 3,
            "An ignored feature loses p/3 - p²/4, with its mean as the bias.": p / 3 - p**2 / 3,
            "The loss falls, so by how much is a positive number.": p**2 / 3 - v,
            "Both features of the pair lose, p²/6 each.": v - p**2 / 6,
        },
        "Before, one feature of the two is stored and one ignored. After, both are in a pair.",
    )


@exercise
def missing_pairs(answer: Any, W: Float[np.ndarray, "run feature hidden"]) -> Checked:
    """For each run, how many of n_hidden antipodal pairs it lacks, max(m - pairs, 0): a list of numbers.

    A feature is in one pair at most.
    """
    W = checked_weights(W, "run feature hidden")
    runs, _, m = W.shape
    found = disjoint_pairs(W)
    missing = np.maximum(m - found, 0)
    return compared(
        array(answer, (runs,), "your answer", "one number for each run"),
        missing,
        "Each run is on a level of its own number of pairs, whatever its seed drew.",
        {
            f"These are the pairs that each run has. How many of {m} are missing?": found,
            "A pair has two features. You counted the features that are missing.": 2 * missing,
            "These are the features in pairs.": 2 * found,
            "The signs are the wrong way round.": -missing,
        },
        "For each run, find the level nearest to its loss: `theory.digon_level(p, n, m, missing)`.",
    )


@exercise
def stage(answer: Any, loss: float) -> Checked:
    """The stage of learning that has this loss if exactly one of two sets of three features is on.

    The names are those of `theory.one_set_stages()`. Half-way between two stages each of them is right.
    """
    stages = theory.one_set_stages()
    given = known_name(answer, stages)
    distance = {each: abs(stages[each] - loss) for each in stages}
    if tied(distance[given], min(distance.values())):
        return Checked(True, f"{given} has a loss of {stages[given]:.3g}.")
    return Checked(
        False,
        f"{given} has a loss of {stages[given]:.3g}. Find the stage whose loss is nearest to {loss:.3g}"
        " in `theory.one_set_stages()`.",
    )


@exercise
def restarts(answer: Any, success: float, certainty: float) -> Checked:
    """The smallest number of runs such that at least one of them succeeds with this certainty.

    success: the probability that a single run succeeds.
    """
    if not (0 < success < 1 and 0 < certainty < 1):
        raise Unreadable("Give the check a `success` and a `certainty` between 0 and 1.")
    given = whole_number(answer)
    if given < 1:
        raise Unreadable(f"Your answer is {given}. Give a number of runs, at least 1.")
    right = _runs(certainty, 1 - success)
    with_it = (
        f"With {given} the chance that at least one succeeds is {1 - (1 - success) ** given:.4f}."
    )
    mistakes = {
        f"{with_it} 1 / {success:.2g} is how many runs it takes on average.": math.ceil(
            1 / success
        ),
    }
    # One run too few is also what rounding down gives.
    if (multiplied := _runs(certainty, success)) != right - 1:
        said = f"{with_it} You multiplied chances of success. All runs fail with (1 - q)^k."
        mistakes[said] = multiplied
    return compared(
        given,
        right,
        f"All {right} fail with probability (1 - {success:.2g})^{right}.",
        mistakes,
        f"{with_it} Fewer are enough." if given > right else f"{with_it} That is too small.",
    )


def _runs(certainty: float, failure: float) -> int:
    """The smallest k with failure^k <= 1 - certainty, which rounding of the logarithms does not change."""
    return math.ceil(math.log(1 - certainty) / math.log(failure) - 1e-9)
