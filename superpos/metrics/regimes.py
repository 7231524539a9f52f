"""Metrics that distinguish models that store features from those that store samples, one number per run
("Superposition, Memorization, and Double Descent")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.metrics import metric
from superpos.metrics.geometry import dimensionality
from superpos.numerics.ordered import squared_norms, total

if TYPE_CHECKING:
    from jaxtyping import Float

STORED, SIDES = 0.15, 5
"""A feature with a higher dimensionality counts as stored, and a pentagon stores five.

ASSUME: the paper judges by eye. In its figure the features of the pentagon have 0.18 to 0.28, and the
features of models that store samples have less than 0.1.
"""


@metric
def bias_norm(b: Float[np.ndarray, "run feature"]) -> Float[np.ndarray, " run"]:
    """‖b‖."""
    norm: np.ndarray = np.sqrt(squared_norms(b))
    return norm


@metric
def features_above(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """The number of features with a dimensionality above 0.15."""
    return total(dimensionality(W) > STORED)


@metric
def fifth_dimensionality(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """The fifth largest dimensionality of a feature; 0 if there are fewer than five features."""
    if W.shape[1] < SIDES:
        return np.zeros(len(W))
    fifth: np.ndarray = np.sort(dimensionality(W), axis=1)[:, -SIDES]
    return fifth
