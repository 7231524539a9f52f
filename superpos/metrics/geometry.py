"""How features lie in the hidden space (sections "Demonstrating Superposition" and "Geometry").

W_i is the row of feature i. In an untied model W is the input matrix, W_out is not looked at.
"""

import numpy as np

from superpos.metrics import metric
from superpos.numerics.compiled import numba
from superpos.numerics.ordered import squared_norms, total


@metric
def feature_norm(W: np.ndarray) -> np.ndarray:
    """||W_i|| [run, feature]: how far the feature is represented."""
    return np.sqrt(squared_norms(W))


@metric
def represented(W: np.ndarray) -> np.ndarray:
    """Number of features with ||W_i|| > .5 [run].

    ASSUME: the paper draws norms and sets no threshold; .5 is ours.
    """
    return total(squared_norms(W) > 0.25)


@metric
def superposition(W: np.ndarray) -> np.ndarray:
    """sum_{j != i} (What_i . W_j)^2 [run, feature], What_i = W_i / ||W_i||; 0 where W_i = 0.

    0: orthogonal to all others; 1 and above: they activate its direction as strongly as it does.
    Source: section "Demonstrating Superposition".
    """
    return _ratio(superposition_unnormalised(W), squared_norms(W))


@metric
def superposition_unnormalised(W: np.ndarray) -> np.ndarray:
    """sum_{j != i} (W_i . W_j)^2 [run, feature]: ||W_i||^2 times the paper's superposition.

    Source: the notebook this project grew from.
    """
    return _interference(np.ascontiguousarray(W.transpose(0, 2, 1), np.float64))


@numba.njit(cache=True)
def _interference(W):  # type: ignore[no-untyped-def]
    """sum_{j != i} (W_i . W_j)^2 [run, feature], term after term; W [run, hidden, feature]."""
    runs, n_hidden, n_features = W.shape
    summed, product = np.zeros((runs, n_features)), np.empty(n_features)
    for run in range(runs):
        for j in range(n_features):
            product[:] = 0.0
            for k in range(n_hidden):
                for i in range(n_features):
                    product[i] += W[run, k, i] * W[run, k, j]
            product[j] = 0.0
            for i in range(n_features):
                summed[run, i] += product[i] * product[i]
    return summed


@metric
def dimensionality(W: np.ndarray) -> np.ndarray:
    """D_i = ||W_i||^2 / sum_j (What_i . W_j)^2 [run, feature], j = i included; 0 where W_i = 0.

    Computed as n_i^2 / (n_i^2 + sum_{j != i} (W_i . W_j)^2), n_i = ||W_i||^2.
    Source: section "The Geometry of Superposition".
    """
    squared = np.square(squared_norms(W))
    return _ratio(squared, squared + superposition_unnormalised(W))


@metric
def dimensionality_sum(W: np.ndarray) -> np.ndarray:
    """sum_i D_i [run]: at most the rank of W, and near n_hidden where the packing is efficient."""
    return total(dimensionality(W))


@metric
def frobenius(W: np.ndarray) -> np.ndarray:
    """||W||_F [run]; its square is about the number of features represented."""
    return np.sqrt(total(squared_norms(W)))


@metric
def features_per_dimension(W: np.ndarray) -> np.ndarray:
    """||W||_F^2 / n_hidden [run]."""
    return total(squared_norms(W)) / W.shape[2]


@metric
def dimensions_per_feature(W: np.ndarray) -> np.ndarray:
    """D* = n_hidden / ||W||_F^2 [run]; infinite where W = 0.

    Source: section "The Geometry of Superposition".
    """
    with np.errstate(divide="ignore"):
        return W.shape[2] / total(squared_norms(W))


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
