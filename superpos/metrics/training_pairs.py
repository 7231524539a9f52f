"""Training samples beside one another: copies of a sample, and neighbours that share a feature
("Superposition, Memorization, and Double Descent", comments and correction)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.config.condition import Data
from superpos.data.held_out import Samples
from superpos.metrics import metric
from superpos.metrics.frames import dimensionality
from superpos.metrics.memorising import hidden_vectors, sample_angle, sample_norm
from superpos.models import Variant

if TYPE_CHECKING:
    from jaxtyping import Float

FEWEST = 3
"""A ring has at least so many samples."""


@metric(training_set=True)
def first_sample_dimensionality(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples, data: Data
) -> Float[np.ndarray, " run"]:
    """D = ‖h‖⁴ / (h^T Q h) of the first training sample, with Q over the distinct samples.

    Each distinct sample counts once, because R copies of one could have at most 1/R each; 0 if h = 0.
    """
    return dimensionality(hidden_vectors(W, variant, training)[:, : data.distinct])[:, 0]


@metric(training_set=True, n_hidden=2)
def neighbours_sharing(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples
) -> Float[np.ndarray, " run"]:
    """The share of neighbours by angle that have a feature in common, among the samples of the ring.

    The ring has the samples with ‖h‖ above half the largest; NaN if they are fewer than three.
    """
    norm, angle = sample_norm(W, variant, training), sample_angle(W, variant, training)
    on_ring = norm > norm.max(axis=1, keepdims=True) / 2
    n_features = W.shape[1]
    return np.array(
        [
            _sharing(of[one], np.flatnonzero(one), training, n_features)
            for of, one in zip(angle, on_ring, strict=True)
        ]
    )


def _sharing(angle: np.ndarray, samples: np.ndarray, training: Samples, n_features: int) -> float:
    """The share of neighbours that have a feature in common, for the angles of some samples."""
    if len(samples) < FEWEST:
        return float("nan")
    place = np.full(len(training.start) - 1, -1)
    place[samples[angle.argsort(kind="stable")]] = np.arange(len(samples))
    of_entry = np.repeat(place, np.diff(training.start))
    kept = of_entry >= 0
    at, feature = of_entry[kept].astype(np.int64), training.feature[kept].astype(np.int64)
    after = (at + 1) % len(samples) * n_features + feature
    found = np.unique(at[np.isin(after, at * n_features + feature)])
    return len(found) / len(samples)
