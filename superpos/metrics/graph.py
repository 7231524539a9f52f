"""The feature-geometry graph (section "The Geometry of Superposition").

Its nodes are the represented features; its edges are the pairs with |W_i . W_j| above a threshold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.metrics import metric
from superpos.numerics.compiled import numba
from superpos.numerics.ordered import squared_norms

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

FLOOR = 0.5
"""A feature is a node if ‖W_i‖² exceeds this share of the run's largest. ASSUME: the paper does not
say how it leaves out features that are not learned; this share is ours."""
EDGE = 0.1
"""Two features are joined if |W_i . W_j| exceeds this. ASSUME: the paper weights edges by
|W_i . W_j| and sets no threshold; 0.1 is ours."""


@metric
def component_size(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, "run feature"]:
    """The number of features in the component of the graph that contains feature i; 0 if i is not a node."""
    label = component(W)
    size = np.zeros(label.shape)
    for row, found in zip(size, label.astype(int), strict=True):
        node = found >= 0
        row[node] = np.bincount(found[node])[found[node]]
    return size


@metric
def component(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, "run feature"]:
    """The first feature of the component that feature i is in; -1 if i is not a node."""
    hidden_first = np.ascontiguousarray(W.transpose(0, 2, 1), np.float64)
    label: np.ndarray = _first_reached(hidden_first, represented_features(W))
    return label


def represented_features(
    W: Float[np.ndarray, "run feature hidden"],
) -> Bool[np.ndarray, "run feature"]:
    """Whether ‖W_i‖² exceeds FLOOR times the largest of the run."""
    squared = squared_norms(W)
    node: np.ndarray = squared > FLOOR * squared.max(axis=1, keepdims=True)
    return node


@numba.njit(cache=True)
def _first_reached(W, node):  # type: ignore[no-untyped-def]
    """Label each node with the start of the first walk that reaches it; W [run, hidden, feature]."""
    runs, n = node.shape
    label = np.full((runs, n), -1.0)
    stack, product = np.empty(n, np.int64), np.empty(n)
    for run in range(runs):
        for first in range(n):
            if not node[run, first] or label[run, first] >= 0:
                continue
            label[run, first] = first
            stack[0] = first
            height = 1
            while height:
                height -= 1
                i = stack[height]
                product[:] = 0.0
                for k in range(W.shape[1]):
                    product += W[run, k, i] * W[run, k]
                for j in range(n):
                    if node[run, j] and label[run, j] < 0 and abs(product[j]) > EDGE:
                        label[run, j] = first
                        stack[height] = j
                        height += 1
    return label
