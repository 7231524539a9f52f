"""Sets of features in the hidden space (section "Correlated and Anticorrelated Features").

The features of a model are equal sets, one after the other; W [feature, hidden] has rows W_i.
"""

import numpy as np

COLLAPSED = 0.25
"""Two members of a set count as one direction below this distance.

ASSUME: the paper calls pairs collapsed by eye; .25 is ours, and distances are below .1 or near 1.
"""


def members(W: np.ndarray, sets: int) -> np.ndarray:
    """W [set, member, hidden]."""
    return W.reshape(sets, -1, W.shape[-1])


def collapsed(W: np.ndarray, sets: int) -> np.ndarray:
    """Whether all members of a set are one direction, ||W_a - W_b|| < .25, [set]."""
    by_set = members(W, sets)
    return np.linalg.norm(by_set - by_set[:, :1], axis=2).max(1) < COLLAPSED


def cosines(W: np.ndarray) -> np.ndarray:
    """cos(W_i, W_j) [feature, feature]; 0 where W_i = 0."""
    norms = np.linalg.norm(W, axis=1)
    scale = np.outer(norms, norms)
    return np.divide(W @ W.T, scale, out=np.zeros_like(scale), where=scale > 0)


def within(n: int, sets: int) -> np.ndarray:
    """Whether i and j are different members of one set, [feature, feature]."""
    label = np.arange(n) // (n // sets)
    return (label[:, None] == label) & ~np.eye(n, dtype=bool)


def across(n: int, sets: int) -> np.ndarray:
    """Whether i and j are of different sets, [feature, feature]."""
    label = np.arange(n) // (n // sets)
    return label[:, None] != label


def side_by_side(W: np.ndarray, sets: int) -> bool:
    """Whether going round the plane meets the members of each set one after the other."""
    label = np.arange(len(W)) // (len(W) // sets)
    order = label[np.argsort(np.arctan2(W[:, 1], W[:, 0]), kind="stable")]
    return int((order != np.roll(order, 1)).sum()) == sets


def common_orientation(W: np.ndarray, sets: int) -> np.ndarray:
    """The same solution, relabelled, turned and flipped: W [feature, 2].

    Sets that collapsed come first. The mean of the first set, or its first member where they
    cancel, points up; then the first of: mean of the second set, first feature, first of the second
    set, that is not on the vertical is on the left.
    """
    order = np.argsort(~collapsed(W, sets), kind="stable")
    by_set = members(W, sets)[order]
    up = _first_long([by_set[0].mean(0), by_set[0, 0]])
    turned = by_set @ (np.array([[up[1], up[0]], [-up[0], up[1]]]) / np.hypot(*up))
    sides = [turned[1].mean(0)[0], turned[0, 0, 0], turned[1, 0, 0]]
    left = next((x for x in sides if abs(x) > 0.2), -1.0)
    return (turned * [-np.sign(left), 1]).reshape(W.shape)


def _first_long(vectors: list[np.ndarray]) -> np.ndarray:
    return next((v for v in vectors if np.hypot(*v) > 0.2), vectors[-1])
