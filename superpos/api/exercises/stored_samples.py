"""Questions about models that store training samples (notebook 5)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

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
    runs_with,
)
from superpos.metrics import array_likes
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Float

EXACT = 1e-6
"""A training loss below this counts as zero."""
BUMPS = {
    "the training samples": "The test loss has other samples. Look at the column `training_loss` too.",
    "every sample a little": "Then the median would be as high as the mean. Look at `loss_median`.",
    "a few samples a lot": "The median sample loses about 1, and one in a hundred loses far more.",
}
"""The possible causes of the bump in the test loss, and what the table says about each."""


@exercise
def silent_loss(answer: Any, n_features: int, density: float) -> Checked:
    """The test loss of a model that always answers 0, if every sample has length 1."""
    return compared(
        number(answer),
        1.0,
        "It loses ‖x‖², which is 1 for every sample.",
        {
            "Only a model that reconstructs its input loses nothing.": 0.0,
            "That is for samples as they are drawn. These are divided by their length.": (
                n_features * density / 3
            ),
            "That is the mean over the features. The loss is the sum over them.": 1 / n_features,
            "That is E x² of one feature that is on, before the division by the length.": 1 / 3,
        },
        "Its error is x itself. What is the sum of the squares of x?",
    )


@exercise
def smallest_radius(answer: Any, samples: int) -> Checked:
    """The radius of the smallest regular polygon on which this number of samples can be stored."""
    T = samples
    if T < 2:
        raise Unreadable("Give the check `samples` of 2 or more: one sample has no neighbour.")
    right, turn = theory.polygon_radius(T), 2 * math.pi / T
    mistakes = {
        f"At radius 1 neighbours have h_i . (h_i - h_j) = 1 - cos(2π/{T}), which is too small.": 1.0,
        "That is r². Take the root.": right**2,
        f"That is ‖W‖ = √{T} r.": math.sqrt(T) * right,
        "Neighbours are an angle of 2π/T apart, not π/T.": 1 / math.sqrt(1 - math.cos(turn / 2)),
        "Multiply (1 - cos(2π/T)) by r² and set it equal to 1. You divided the wrong way.": (
            math.sqrt(1 - math.cos(turn))
        ),
        "The cosine takes an angle in radians.": 1 / math.sqrt(abs(1 - math.cos(360 / T))),
    }
    return compared(
        number(answer),
        right,
        "There the condition h_i . (h_i - h_j) >= 1 is an equality for neighbours.",
        mistakes,
        "Neighbours are hardest: r² - r² cos(2π/T) has to be 1.",
    )


@exercise
def stored(answer: Any, samples: Float[np.ndarray, "sample feature"]) -> Checked:
    """Weights (W [feature, 2], b [feature]) that reconstruct orthonormal samples without an error."""
    X = array_likes.real_array("samples", samples).astype(float)
    if X.ndim != 2:
        raise Unreadable("Give the check the samples as an array [sample, feature].")
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Unreadable("Give the pair (W, b).")
    W = array(answer[0], (X.shape[1], 2), "W", "[feature, hidden]")
    b = array(answer[1], X.shape[1:], "b", "[feature]")
    loss = theory.loss_on_samples(W, b, X)
    if loss < EXACT:
        return Checked(True, f"The training loss is 0, with ‖W‖ = {np.linalg.norm(W):.3f}.")
    return Checked(False, f"The training loss is {loss:.3g}. {_why_not(W, b, X)}")


def _why_not(W: np.ndarray, b: np.ndarray, X: np.ndarray) -> str:
    """Why the samples cannot be stored: because of the hidden vectors, or otherwise because of the bias."""
    h = X @ W
    lengths = (h**2).sum(1)
    if np.allclose(h, 0):
        return "All hidden vectors are 0. W is the sum of the products of a sample and its corner."
    if not theory.memorises(h):
        return (
            f"The smallest h_i . (h_i - h_j) is {theory.margin(h):.3g}, and it has to be 1 or more. Take"
            " a larger radius, or corners that are further apart."
        )
    needed = -((lengths - 1)[:, None] * X).sum(0)
    if np.allclose(b, -needed):
        return (
            "The hidden vectors are right, and the bias has the wrong sign: it has to be negative."
        )
    if len(X) > 1 and np.allclose(b, 0):
        return (
            "The hidden vectors are right, but without a bias a sample is seen in its neighbours."
        )
    if np.allclose(b, b[:1]) and not np.allclose(needed, needed[:1]):
        return "The hidden vectors are right. The bias differs from feature to feature: it is in X too."
    return "The hidden vectors are right. The bias is -(‖h_j‖² - 1) times X_j, summed over j."


@exercise
def sample_dimensionality(answer: Any, samples: int, n_hidden: int) -> Checked:
    """The mean dimensionality of T samples that fill m dimensions: m / T."""
    if samples < 1 or n_hidden < 1:
        raise Unreadable("Give the check at least one sample and one hidden dimension.")
    return compared(
        number(answer),
        n_hidden / samples,
        "The dimensionalities of the samples sum to the number of dimensions.",
        {
            "That is samples per dimension.": samples / n_hidden,
            "That is their sum. Take the mean over the samples.": n_hidden,
            f"They share {n_hidden} dimensions, not one.": 1 / samples,
        },
        "What is the sum of the dimensionalities of vectors that fill the space?",
    )


@exercise
def bump(answer: Any, tables: Tables) -> Checked:
    """What makes the bump in the test loss: one of the names in BUMPS."""
    given = known_name(answer, BUMPS)
    runs = runs_with(tables, "data_training_samples", "loss", "loss_median")
    worst = runs.loc[runs["loss"].idxmax()]
    few = worst["loss_median"] - 1 < 0.1 * (worst["loss"] - 1)
    right = "a few samples a lot" if few else "every sample a little"
    at = f"At T = {worst['data_training_samples']:g} the mean is {worst['loss']:.3g} and the median"
    return Checked(given == right, f"{BUMPS[given]} {at} {worst['loss_median']:.3g}.")
