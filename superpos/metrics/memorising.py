"""How a model stores the samples of its finite training set ("Superposition, Memorization, and Double
Descent").

The hidden vectors are h_i = W x_i, after the hidden ReLU if the model has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.data.held_out import Samples
from superpos.metrics import metric
from superpos.metrics.frames import dimensionality, leverage_of
from superpos.metrics.sharing import shared
from superpos.models import Variant
from superpos.numerics import sample_arrays
from superpos.numerics.compiled import numba, part
from superpos.numerics.ordered import squared_norms, total

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

HALVINGS, TERMS = 3, 9
"""An angle of up to 45 degrees is halved 3 times, to at most 5.6; its series then needs 9 terms."""


@shared
def hidden_vectors(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples
) -> Float[np.ndarray, "run sample hidden"]:
    """h_i = W x_i in float64, summed over the active features in their order.

    Raises a ValueError if the samples do not fit the number of features.
    """
    sample_arrays.check(training, W.shape[1])
    entries = training.start, training.feature, training.value.astype(np.float64)
    h: np.ndarray = _hidden(np.ascontiguousarray(W, np.float64), *entries, variant.relu_hidden)
    return h


@numba.njit(cache=True)
def _hidden(W, start, feature, value, relu):  # type: ignore[no-untyped-def]
    runs, _, n_hidden = W.shape
    h = np.zeros((runs, len(start) - 1, n_hidden))
    for run in range(runs):
        for s in range(len(start) - 1):
            for entry in range(start[s], start[s + 1]):
                for k in range(n_hidden):
                    h[run, s, k] += value[entry] * W[run, feature[entry], k]
            for k in range(n_hidden):
                if relu and not h[run, s, k] > 0.0:
                    h[run, s, k] = 0.0
    return h


@metric(training_set=True)
def sample_dimensionality(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples
) -> Float[np.ndarray, "run sample"]:
    """D_i = ‖h_i‖² / sum_j (ĥ_i . h_j)² over the training set, j = i included; 0 if h_i = 0.

    Computed as ‖h_i‖⁴ / h_i^T Q h_i with Q = sum_j h_j h_j^T. Source: the definition that follows
    the one of feature dimensionality.
    """
    return dimensionality(hidden_vectors(W, variant, training))


@metric(training_set=True)
def leverage(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples
) -> Float[np.ndarray, "run sample"]:
    """h_i^T Q⁺ h_i = sup over v of (v . h_i)² / sum_j (v . h_j)²; the mean is the rank of h over T.

    Directions along which all h together have less than 1e-5 of the largest length do not count. Source:
    the "maximal data dimensionality" of C. Olah's comment, in closed form.
    """
    return leverage_of(hidden_vectors(W, variant, training))


@metric(training_set=True)
def sample_norm(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples
) -> Float[np.ndarray, "run sample"]:
    """‖h_i‖: how strongly the sample is represented."""
    norm: np.ndarray = np.sqrt(squared_norms(hidden_vectors(W, variant, training)))
    return norm


@metric(training_set=True)
def ring(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples
) -> Float[np.ndarray, " run"]:
    """The number of samples with ‖h‖ above half the largest; 0 if all h are 0.

    On a regular ring of k samples each of them has a dimensionality of 2/k, and the others have
    almost none. ASSUME: the paper judges by eye; one half is ours.
    """
    return total(on_ring(sample_norm(W, variant, training)))


def on_ring(norm: Float[np.ndarray, "run sample"]) -> Bool[np.ndarray, "run sample"]:
    """The samples with ‖h‖ above half the largest of their run."""
    found: np.ndarray = norm > norm.max(axis=1, keepdims=True) / 2
    return found


@metric(training_set=True, n_hidden=2)
def sample_angle(
    W: Float[np.ndarray, "run feature hidden"], variant: Variant, training: Samples
) -> Float[np.ndarray, "run sample"]:
    """The direction of h_i in degrees, from 0 to 360, from the first axis towards the second.

    It is NaN if h_i = 0. Computed from +, *, / and square roots alone, because library arctangents
    differ between machines.
    """
    h = hidden_vectors(W, variant, training)
    angle: np.ndarray = _degrees(h.reshape(-1, 2)).reshape(h.shape[:2])
    return angle


@numba.njit(cache=True)
def _degrees(h):  # type: ignore[no-untyped-def]
    found = np.empty(len(h))
    for i in range(len(h)):
        x, y = abs(h[i, 0]), abs(h[i, 1])
        if x == 0.0 and y == 0.0:
            found[i] = np.nan
            continue
        octant = _arctangent(min(x, y) / max(x, y)) * (180.0 / np.pi)
        quadrant = octant if y <= x else 90.0 - octant
        left = quadrant if h[i, 0] >= 0.0 else 180.0 - quadrant
        found[i] = left if h[i, 1] >= 0.0 else 360.0 - left
    return found


@part
def _arctangent(t):  # type: ignore[no-untyped-def]
    """The angle of at most 45 degrees whose tangent is t, in radians.

    tan(a/2) = t / (1 + sqrt(1 + t²)) halves it, and then a = t - t³/3 + t⁵/5 - ...
    """
    for _ in range(HALVINGS):
        t = t / (1.0 + np.sqrt(1.0 + t * t))
    series = 0.0
    for k in range(TERMS - 1, -1, -1):
        series = 1.0 / (2 * k + 1) - t * t * series
    return 2.0**HALVINGS * t * series
