"""The feature-geometry graph (section "The Geometry of Superposition").

Its nodes are the represented features, its edges the pairs with |W_i . W_j| above a threshold.
"""

import numpy as np

from superpos.metrics import metric
from superpos.numerics.compiled import numba
from superpos.numerics.ordered import squared_norms

FLOOR = 0.5
"""A feature is a node if ||W_i||^2 is above this share of the run's largest. ASSUME: the paper does
not say how it leaves out features that are not learned; this share is ours."""
EDGE = 0.1
"""|W_i . W_j| above which two features are joined. ASSUME: the paper weighs edges by |W_i . W_j| and
sets no threshold; .1 is ours."""


@metric
def component_size(W: np.ndarray) -> np.ndarray:
    """How many features the graph's component of feature i has [run, feature]; 0 if i is no node."""
    label = component(W)
    size = np.zeros(label.shape)
    for row, found in zip(size, label.astype(int), strict=True):
        node = found >= 0
        row[node] = np.bincount(found[node])[found[node]]
    return size


@metric
def component(W: np.ndarray) -> np.ndarray:
    """The least feature of the component that feature i is in [run, feature]; -1 if i is no node."""
    squared = squared_norms(W)
    node = squared > FLOOR * squared.max(axis=1, keepdims=True)
    return _least_reached(np.ascontiguousarray(W.transpose(0, 2, 1), np.float64), node)


@numba.njit(cache=True)
def _least_reached(W, node):
    """Walk from every node that none before it reached, W [run, hidden, feature]."""
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
