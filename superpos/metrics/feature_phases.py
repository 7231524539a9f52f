"""Phases of the extra feature in the phase diagrams, by theory and in a trained run.

Section "Superposition as a Phase Change". The extra feature is the last; the others have importance 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from superpos import theory
from superpos.metrics import metric

if TYPE_CHECKING:
    from jaxtyping import Float, Int

NAMES = ("ignored", "dedicated", "superposition", "others_superposed")
"""What happens to the extra feature in each phase; a phase is given as its index in this list."""

CONFIGURATIONS: Mapping[tuple[int, int], Mapping[str, list[np.ndarray]]] = {
    (2, 1): {
        "ignored": [np.array([[1.0], [0.0]])],
        "dedicated": [np.array([[0.0], [1.0]])],
        "superposition": [np.array([[1.0], [-1.0]])],
    },
    (3, 2): {
        "ignored": [np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])],
        "dedicated": [
            np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]),
            np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]),
        ],
        "superposition": [
            np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]),
            np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]),
        ],
        "others_superposed": [np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])],
    },
}
"""W [feature, hidden] of each phase, by (n_features, n_hidden), up to rotation."""


def nearest_phase(W: Float[np.ndarray, "run feature hidden"]) -> Int[np.ndarray, " run"]:
    """The phase whose W^T W is nearest to the run's; -1 for shapes whose phases the paper does not name.

    The distance is squared and summed over entries. Of two phases at the same distance, the earlier
    one is chosen.
    ASSUME: the paper colours by norm and superposition and names no rule; to take the nearest is
    our choice.
    """
    by_name = CONFIGURATIONS.get(W.shape[1:], {})
    phase = np.full(len(W), -1)
    least = np.full(len(W), np.inf)
    for name, variants in by_name.items():
        for variant in variants:
            distance = _distance(np.asarray(W, np.float64), variant)
            phase[distance < least] = NAMES.index(name)
            least = np.minimum(least, distance)
    return phase


def predicted(
    n_features: int, n_hidden: int, r: Float[np.ndarray, " ..."], p: Float[np.ndarray, " ..."]
) -> Int[np.ndarray, " ..."]:
    """The phase with the smallest closed-form loss, for importance r of the extra feature and density p.

    r and p may have any shapes that broadcast together.
    """
    known = configurations(n_features, n_hidden)
    losses = {(2, 1): theory.two_in_one, (3, 2): theory.three_in_two}[n_features, n_hidden](r, p)
    phase, least = np.asarray(-1), np.asarray(np.inf)
    for name in (name for name in NAMES if name in known):
        phase = np.where(losses[name] < least, NAMES.index(name), phase)
        least = np.minimum(losses[name], least)
    return phase


def configurations(
    n_features: int, n_hidden: int
) -> Mapping[str, list[Float[np.ndarray, "{n_features} {n_hidden}"]]]:
    """The configurations of that shape; raises a ValueError if the paper compares none."""
    if (n_features, n_hidden) not in CONFIGURATIONS:
        raise ValueError(
            f"phases of {n_features} features in {n_hidden} dimensions: the paper names phases only"
            " for 2 in 1 and 3 in 2; give one of these"
        )
    return CONFIGURATIONS[n_features, n_hidden]


def _distance(W: np.ndarray, variant: np.ndarray) -> np.ndarray:
    """sum_ij (W_i . W_j - V_i . V_j)² [run], term after term."""
    total = np.zeros(len(W))
    for i, j in np.ndindex(len(variant), len(variant)):
        product = np.zeros(len(W))
        for k in range(W.shape[2]):
            product += W[:, i, k] * W[:, j, k]
        total += (product - float(variant[i] @ variant[j])) ** 2
    return total


@metric(tied=True)
def phase(W: Float[np.ndarray, "run feature hidden"]) -> Int[np.ndarray, " run"]:
    """The index in `superpos.metrics.feature_phases.NAMES` of the nearest configuration.

    It is -1 for shapes other than 2 features in 1 dimension and 3 features in 2.
    """
    return nearest_phase(W)
