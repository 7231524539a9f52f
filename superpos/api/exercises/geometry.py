"""Questions about how features share dimensions (notebook 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import EllipsisType
from typing import TYPE_CHECKING, Any

import numpy as np

from superpos.api.exercises.checking import (
    Checked,
    Unreadable,
    array,
    checked_weights,
    close,
    compared,
    exercise,
    number,
    returned,
    whole_number,
)
from superpos.metrics import geometry
from superpos.metrics.graph import represented_features

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

SHAPES = {
    "digon": (2, 1),
    "triangle": (3, 2),
    "tetrahedron": (4, 3),
    "pentagon": (5, 2),
    "square antiprism": (8, 3),
}
"""The features and the dimensions of regular shapes."""
TOO_MANY = "Only the first vector of each product is divided by its length, not W_j."
OPPOSITE = -0.9
"""Two represented features with a smaller cosine are an antipodal pair."""
FULL = 0.95
"""The dimensionalities fill the space if they sum to this share of n_hidden."""


@exercise
def dimensionality(answer: Callable[..., Any]) -> Checked:
    """A function f(W) of W [feature, hidden]: D_i = ‖W_i‖² / sum_j (Ŵ_i . W_j)² [feature].

    Ŵ_i is W_i / ‖W_i‖, and j = i is included. A feature with W_i = 0 has D_i = 0.
    """
    W = np.random.default_rng(0).normal(size=(7, 3))
    found = array(returned(answer, W), (7,), "your result", "one number for each feature")
    checked = compared(found, _dimensionality(W), "", _wrong_forms(W), _otherwise(found, W))
    if not checked.right:
        return checked
    W[2] = 0
    last = np.asarray(returned(answer, W), float)
    if not close(np.nan_to_num(last, nan=-1), _dimensionality(W)):
        return Checked(
            False,
            "It is right unless W_i = 0, as for features that a model ignores: there your function gives"
            f" {last[2]:.3g}. Give 0.",
        )
    return Checked(True, "It agrees with ours, also if a feature is not stored.")


def _wrong_forms(W: np.ndarray) -> dict[str, np.ndarray]:
    products = W @ W.T
    squared = np.diag(products)
    all_of_i = (products**2).sum(1)
    return {
        "You left W_i unnormalised in the sum: divide (W_i . W_j)² by ‖W_i‖².": squared / all_of_i,
        "The sum over j includes i itself, whose term is ‖W_i‖².": (
            squared**2 / (all_of_i - squared**2)
        ),
        "You forgot to square the inner products.": squared**1.5 / products.sum(1),
        "The numerator is ‖W_i‖², not ‖W_i‖.": squared**1.5 / all_of_i,
        f"{TOO_MANY} You did so in the sum.": squared**2 / (products**2 / squared).sum(1),
        f"{TOO_MANY} You did so everywhere.": squared / (products**2 / squared).sum(1),
        "That counts the others alone: it is the superposition of i.": (
            (all_of_i - squared**2) / squared
        ),
        "That is one over the dimensionality.": all_of_i / squared**2,
        "That is D* = m / ‖W‖², one number for the whole model.": np.full(
            len(W), W.shape[1] / squared.sum()
        ),
    }


def _otherwise(found: np.ndarray, W: np.ndarray) -> str:
    right = _dimensionality(W)
    return (
        f"For a random W the first feature has {right[0]:.4f}, and your function gives {found[0]:.4f}."
        " Start with the table of all inner products, W @ W.T."
    )


@exercise
def shapes(answer: Mapping[str, float | EllipsisType]) -> Checked:
    """The dimensionality of each feature of a digon, triangle, tetrahedron, pentagon and square antiprism.

    The answer maps these names to numbers. k features share d dimensions equally: D = d / k.
    """
    if not isinstance(answer, Mapping) or set(answer) != set(SHAPES):
        raise Unreadable(f"Give a dictionary with the keys {', '.join(SHAPES)}.")
    given = {shape: number(answer[shape]) for shape in SHAPES if answer[shape] is not ...}
    for shape, value in given.items():
        if not close(value, SHAPES[shape][1] / SHAPES[shape][0]):
            return Checked(False, _why_not(shape, value))
    if missing := [shape for shape in SHAPES if shape not in given]:
        return Checked(
            None, f"{'Right so far. ' if given else ''}Go on with: {', '.join(missing)}."
        )
    return Checked(True, "k features that share d dimensions equally have d/k each.")


def _why_not(shape: str, value: float) -> str:
    features, dimensions = SHAPES[shape]
    name = f"A {shape} has {features} features in {dimensions} dimension{'s'[: dimensions > 1]}"
    reasons = {
        f"{name}. You gave features per dimension; this is dimensions per feature.": (
            features / dimensions
        ),
        f"{name}. You gave one over the features; they share {dimensions} dimensions.": 1
        / features,
        f"{name}. A feature has that many dimensions only if it has no company.": 1.0,
        f"{name}. They share all of them: do not divide by the dimensions.": 1 / dimensions,
    }
    return compared(value, np.inf, "", reasons, f"{name}, and all have the same share.").why


@exercise
def antipodal_pairs(answer: Any, W: Float[np.ndarray, "feature hidden"]) -> Checked:
    """How many pairs of stored features of W point in opposite directions: cosine below -0.9."""
    W = checked_weights(W, "feature hidden")
    are_opposite, stored = opposite(W[None])[0], int(represented_features(W[None]).sum())
    right, paired = int(are_opposite.sum()) // 2, int(are_opposite.any(0).sum())
    m = W.shape[1]
    return compared(
        whole_number(answer),
        right,
        f"{paired} of the {stored} stored features are in a pair.",
        {
            "That is the number of features in pairs. Count each pair once, not from both sides.": paired,
            "You counted each pair from both sides: i with j, and j with i.": 2 * right,
            f"That is how many features are stored. The model has {m} dimensions.": stored,
            f"There are {m} dimensions, but not each of them holds a pair here.": m,
        },
        "Normalise the rows of W that are long enough, and count the cosines below -0.9 with i < j.",
    )


@exercise
def dimension_budget(answer: Any, W: Float[np.ndarray, "feature hidden"]) -> Checked:
    """The sum of the dimensionalities of a trained model's features: n_hidden if they fill the space."""
    W = checked_weights(W, "feature hidden")
    value, (n, m) = number(answer), W.shape
    right = float(_dimensionality(W).sum())
    if right > FULL * m and close(value, m):
        return Checked(True, f"They sum to {right:.3f}. They can never exceed the {m} dimensions.")
    return compared(
        value,
        right,
        f"They can never sum to more than the {m} dimensions.",
        {
            "Each feature has a share of a dimension, seldom a whole one.": n,
            "That is how many features are stored. Most of them share a dimension.": int(
                represented_features(W[None]).sum()
            ),
            "That is the share of one feature of a pair. Add those of all features.": 0.5,
            "That is ‖W‖², which counts the stored features.": float((W**2).sum()),
        },
        f"Think of D_i as a share of the space. How much space do {m} dimensions have?",
    )


def opposite(
    W: Float[np.ndarray, "run feature hidden"],
) -> Bool[np.ndarray, "run feature feature"]:
    """Which two stored features have a cosine below OPPOSITE."""
    kept = represented_features(W)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.where(kept[..., None], W / np.linalg.norm(W, axis=2, keepdims=True), 0)
    return np.asarray(unit @ unit.transpose(0, 2, 1) < OPPOSITE)


def disjoint_pairs(W: Float[np.ndarray, "run feature hidden"]) -> Int[np.ndarray, " run"]:
    """The largest number of opposite pairs such that no feature is in two of them.

    It is half the rank of a skew-symmetric matrix with random entries where a pair is, by Lovász's
    theorem on the Tutte matrix.
    """
    n = W.shape[1]
    above = np.triu(np.random.default_rng(0).uniform(1, 2, (n, n)), 1)
    rank = np.linalg.matrix_rank(np.where(opposite(W), above - above.T, 0))
    return np.asarray(rank // 2)


def _dimensionality(W: np.ndarray) -> np.ndarray:
    return np.asarray(geometry.dimensionality(W[None])[0])
