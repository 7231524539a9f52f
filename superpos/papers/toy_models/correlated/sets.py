"""Sets of features in the hidden space (section "Correlated and Anticorrelated Features").

The features of a model form sets of equal size, one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

COLLAPSED = 0.25
"""A pair is collapsed if the distance between W_a and W_b is below this.

PAPER: a collapsed pair represents its principal component (a + b)/√2 and ignores (a - b)/√2. The second is
represented with a norm of ‖W_a - W_b‖/√2. ASSUME: the paper judges this by eye; 0.25 is ours.
"""


def members(
    W: Float[np.ndarray, "feature hidden"], sets: int
) -> Float[np.ndarray, "{sets} member hidden"]:
    """W split into its sets."""
    return W.reshape(sets, -1, W.shape[-1])


def collapsed(W: Float[np.ndarray, "feature hidden"], sets: int) -> Bool[np.ndarray, " {sets}"]:
    """Whether all members of a set share one direction, ‖W_a - W_b‖ < 0.25."""
    by_set = members(W, sets)
    return np.asarray(np.linalg.norm(by_set - by_set[:, :1], axis=2).max(1) < COLLAPSED)


def cosines(W: Float[np.ndarray, "feature hidden"]) -> Float[np.ndarray, "feature feature"]:
    """cos(W_i, W_j); 0 if W_i or W_j is 0."""
    norms = np.linalg.norm(W, axis=1)
    scale = np.outer(norms, norms)
    return np.asarray(np.divide(W @ W.T, scale, out=np.zeros_like(scale), where=scale > 0))


def within(n: int, sets: int) -> Bool[np.ndarray, "{n} {n}"]:
    """Whether i and j are different members of one set."""
    label = np.arange(n) // (n // sets)
    return np.asarray(np.equal.outer(label, label)) & ~np.eye(n, dtype=bool)


def across(n: int, sets: int) -> Bool[np.ndarray, "{n} {n}"]:
    """Whether i and j belong to different sets."""
    label = np.arange(n) // (n // sets)
    return np.asarray(np.not_equal.outer(label, label))


def side_by_side(W: Float[np.ndarray, "feature 2"], sets: int) -> bool:
    """Whether the members of each set are consecutive in angle around the plane."""
    label = np.arange(len(W)) // (len(W) // sets)
    order = label[np.argsort(np.arctan2(W[:, 1], W[:, 0]), kind="stable")]
    return int((order != np.roll(order, 1)).sum()) == sets


def common_orientation(
    W: Float[np.ndarray, "feature 2"], sets: int
) -> Float[np.ndarray, "feature 2"]:
    """The same solution, relabelled, turned and flipped.

    Sets that collapsed come first. The mean of the first set points up; if its members cancel, its
    first member does. Then the mean of the second set is on the left; if it lies on the vertical axis,
    the first feature is on the left, and if that does too, the first feature of the second set.
    """
    order = np.argsort(~collapsed(W, sets), kind="stable")
    by_set = members(W, sets)[order]
    up = _first_long([by_set[0].mean(0), by_set[0, 0]])
    turned = by_set @ (np.array([[up[1], up[0]], [-up[0], up[1]]]) / np.hypot(*up))
    sides = [turned[1].mean(0)[0], turned[0, 0, 0], turned[1, 0, 0]]
    left = next((x for x in sides if abs(x) > 0.2), -1.0)
    return np.asarray(turned * [-np.sign(left), 1]).reshape(W.shape)


def _first_long(vectors: list[np.ndarray]) -> np.ndarray:
    return next((v for v in vectors if np.hypot(*v) > 0.2), vectors[-1])
