"""Relations between training samples: copies of a sample, and neighbours that share a feature
("Superposition, Memorization, and Double Descent", comments and correction)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.config.condition import Data
from superpos.data.held_out import Samples
from superpos.metrics import metric
from superpos.metrics.frames import dimensionality
from superpos.metrics.memorising import hidden_vectors, on_ring, sample_angle, sample_norm
from superpos.models import Variant
from superpos.numerics.ordered import total

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

FEWEST = 3
"""A ring has at least this many samples."""


@metric(training_set=True)
def first_sample_dimensionality(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples, data: Data
) -> Float[np.ndarray, " run"]:
    """D = ‖h‖⁴ / (h^T Q h) of the first training sample, with Q over the distinct samples.

    Each distinct sample counts once, because R copies of one could have at most 1/R each; 0 if h = 0.
    Raises a ValueError if `data` describes a set of another size.
    """
    rows = len(training.start) - 1
    if data.training_samples not in (None, rows):
        raise ValueError(
            f"training has {rows} samples, but data.training_samples is {data.training_samples}; give the"
            " whole set, or leave data.training_samples out"
        )
    distinct = rows if data.training_samples is None else data.distinct
    return dimensionality(hidden_vectors(W, variant, training)[:, :distinct])[:, 0]


@metric(training_set=True, n_hidden=2)
def shares_with_next(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples
) -> Float[np.ndarray, "run sample"]:
    """1 if the next sample by angle on the ring has a feature in common with this one, 0 if not.

    The ring consists of the samples with ‖h‖ above half the largest. It is NaN for other samples, and
    for all if the ring has fewer than three. The smallest angle follows the largest.
    """
    norm, angle = sample_norm(W, variant, training), sample_angle(W, variant, training)
    found = np.full(norm.shape, np.nan)
    for shares, of, one in zip(found, angle, on_ring(norm), strict=True):
        samples = np.flatnonzero(one)
        if len(samples) >= FEWEST:
            ring = samples[of[one].argsort(kind="stable")]
            shares[ring] = _with_next(ring, training, W.shape[1])
    return found


@metric(training_set=True, n_hidden=2)
def neighbours_sharing(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples
) -> Float[np.ndarray, " run"]:
    """The share of neighbours by angle that have a feature in common, among the samples of the ring.

    The ring consists of the samples with ‖h‖ above half the largest; NaN if it has fewer than three.
    """
    shares = shares_with_next(W, variant, training)
    ring = ~np.isnan(shares)
    count, kept = total(ring), total(np.where(ring, shares, 0.0))
    found: np.ndarray = np.divide(kept, count, out=np.full(len(W), np.nan), where=count > 0)
    return found


def _with_next(
    ring: Int[np.ndarray, " place"], training: Samples, n_features: int
) -> Bool[np.ndarray, " place"]:
    """Whether each sample of a ring shares a feature with the next one; the first follows the last."""
    place = np.full(len(training.start) - 1, -1)
    place[ring] = np.arange(len(ring))
    of_entry = np.repeat(place, np.diff(training.start))
    kept = of_entry >= 0
    at, feature = of_entry[kept].astype(np.int64), training.feature[kept].astype(np.int64)
    after = (at + 1) % len(ring) * n_features + feature
    shares = np.zeros(len(ring), bool)
    shares[at[np.isin(after, at * n_features + feature)]] = True
    return shares
