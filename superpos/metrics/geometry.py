"""How features lie in the hidden space (sections "Demonstrating Superposition" and "Geometry").

W_i is the row of feature i. In an untied model W is the input matrix; W_out plays no part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.metrics import metric
from superpos.metrics.frames import energy
from superpos.metrics.sharing import shared
from superpos.numerics.compiled import numba
from superpos.numerics.ordered import squared_norms, total

if TYPE_CHECKING:
    from jaxtyping import Float

MANY = 1000
"""With this many features or more, the inner products of all pairs would take too long."""


@metric
def feature_norm(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, "run feature"]:
    """‖W_i‖: how strongly the feature is represented."""
    norm: np.ndarray = np.sqrt(squared_norms(W))
    return norm


@metric
def represented(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """The number of features with ‖W_i‖ > 0.5.

    ASSUME: the paper draws norms and sets no threshold; 0.5 is ours.
    """
    return total(squared_norms(W) > 0.25)


@metric
def superposition(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, "run feature"]:
    """sum_{j != i} (Ŵ_i . W_j)² with Ŵ_i = W_i / ‖W_i‖; 0 if W_i = 0.

    At 0 the feature is orthogonal to all others; from 1 on, the others activate its direction at
    least as strongly as the feature itself does. Source: section "Demonstrating Superposition".
    """
    return _ratio(superposition_unnormalised(W), squared_norms(W))


@metric
@shared
def superposition_unnormalised(
    W: Float[np.ndarray, "run feature hidden"],
) -> Float[np.ndarray, "run feature"]:
    """sum_{j != i} (W_i . W_j)²: ‖W_i‖² times the paper's superposition.

    Source: the notebook from which this project grew.
    """
    summed: np.ndarray = _interference(np.ascontiguousarray(W.transpose(0, 2, 1), np.float64))
    return summed


@numba.njit(cache=True)
def _interference(W):  # type: ignore[no-untyped-def]
    """sum_{j != i} (W_i . W_j)² [run, feature], term after term; W [run, hidden, feature]."""
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
@shared
def dimensionality(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, "run feature"]:
    """D_i = ‖W_i‖² / sum_j (Ŵ_i . W_j)², j = i included; 0 if W_i = 0.

    Computed as n_i² / (n_i² + sum_{j != i} (W_i . W_j)²) with n_i = ‖W_i‖², or for MANY features as
    n_i² / W_i^T Q W_i with Q = sum_j W_j W_j^T. Source: section "The Geometry of Superposition".
    """
    squared = np.square(squared_norms(W))
    if W.shape[1] >= MANY:
        return _ratio(squared, energy(W))
    return _ratio(squared, squared + superposition_unnormalised(W))


@metric
def dimensionality_sum(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """sum_i D_i: at most the rank of W, and close to n_hidden if the packing is efficient."""
    return total(dimensionality(W))


@metric
def frobenius(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """‖W‖_F; its square is about the number of features represented."""
    norm: np.ndarray = np.sqrt(total(squared_norms(W)))
    return norm


@metric
def features_per_dimension(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """‖W‖_F² / n_hidden."""
    per_dimension: np.ndarray = total(squared_norms(W)) / W.shape[2]
    return per_dimension


@metric
def dimensions_per_feature(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """D* = n_hidden / ‖W‖_F²; infinite if W = 0.

    Source: section "The Geometry of Superposition".
    """
    with np.errstate(divide="ignore"):
        per_feature: np.ndarray = W.shape[2] / total(squared_norms(W))
    return per_feature


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, or 0 if b = 0."""
    ratio: np.ndarray = np.divide(a, b, out=np.zeros_like(a), where=b > 0)
    return ratio
