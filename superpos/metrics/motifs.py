"""The asymmetric superposition motif of the absolute value model ("Computation in Superposition").

A neuron reads feature i with a large weight and feature j with a small one, and writes them the other
way round, for example W = [2, -1/2] and outputs [1/2, 2]. Then j hardly disturbs i, but i is mistaken
for a large j. A second neuron, which fires when i has that sign, inhibits the output of j.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from superpos.data.held_out import Samples
from superpos.metrics import metric
from superpos.metrics.losses import feature_losses
from superpos.metrics.neurons import NEGLIGIBLE, rescaled
from superpos.models import Variant

if TYPE_CHECKING:
    from jaxtyping import Float

SMALLEST_RATIO = 2.0
"""The large feature's input weight must be at least this many times the small one's."""
PRODUCT_TOLERANCE = 0.3
"""How far the product of a feature's two weights may be from 1."""
WEAKEST_INHIBITION = -1.0
"""An output weight inhibits if it is at most this, with its neuron's largest input weight scaled to 1."""
SMALLEST_DAMAGE = 2.0
"""Without the inhibitor the inhibited feature's loss must be at least this many times larger."""


@dataclass(frozen=True)
class Motif:
    """`neuron` carries `large` and `small`; `inhibitor` keeps `large` from raising the output of `small`."""

    neuron: int
    large: int
    small: int
    inhibitor: int


def possible_motifs(
    W: Float[np.ndarray, "feature hidden"], W_out: Float[np.ndarray, "feature hidden"]
) -> list[Motif]:
    """Every motif that the weights of one model show, before any ablation.

    |W_ki| is at least SMALLEST_RATIO times |W_kj|; W_ki V_ik and W_kj V_jk are within
    PRODUCT_TOLERANCE of 1; and another neuron k', which fires when i has the same sign, has
    V_jk' <= WEAKEST_INHIBITION. If there are several, the inhibitor is the one that subtracts most
    from output j per unit of i.
    """
    W, V = rescaled(np.asarray(W, float), np.asarray(W_out, float))
    size, unit = np.abs(W), np.abs(np.abs(W) * V - 1) <= PRODUCT_TOLERANCE
    return [
        Motif(k, i, j, inhibitor)
        for k in range(W.shape[1])
        for i, j in permutations(np.flatnonzero(unit[:, k]).tolist(), 2)
        if size[i, k] >= SMALLEST_RATIO * size[j, k]
        for inhibitor in _inhibitors(W, V, k, i, j)
    ]


def _inhibitors(W: np.ndarray, V: np.ndarray, k: int, i: int, j: int) -> list[int]:
    """The strongest inhibitor of output j while feature i fires neuron k, if there is one."""
    response = W[i] * np.sign(W[i, k])
    fits = (response > NEGLIGIBLE) & (V[j] <= WEAKEST_INHIBITION)
    fits[k] = False
    if not fits.any():
        return []
    return [int(np.where(fits, response * V[j], 0.0).argmin())]


def confirmed(
    W: Float[np.ndarray, "feature hidden"],
    W_out: Float[np.ndarray, "feature hidden"],
    ablation: Float[np.ndarray, " feature"],
) -> list[Motif]:
    """The candidates that an ablation confirms; `ablation` is the model's `inhibition_ablation`."""
    return [
        motif for motif in possible_motifs(W, W_out) if ablation[motif.large] >= SMALLEST_DAMAGE
    ]


def instances(motifs: list[Motif]) -> list[Motif]:
    """The motifs in order, without any that shares a neuron or an inhibitor with an earlier one."""
    kept: list[Motif] = []
    for motif in motifs:
        used = {n for other in kept for n in (other.neuron, other.inhibitor)}
        if not used & {motif.neuron, motif.inhibitor}:
            kept.append(motif)
    return kept


@metric(tied=False, relu_hidden=True)
def inhibition_ablation(
    W: Float[np.ndarray, "run feature hidden"],
    W_out: Float[np.ndarray, "run feature hidden"],
    b: Float[np.ndarray, "run feature"],
    importance: Float[np.ndarray, "run feature"],
    variant: Variant,
    samples: Samples,
) -> Float[np.ndarray, "run feature"]:
    """The factor by which the small feature's loss grows without the inhibitor.

    This is the smallest factor over the motifs in which the feature is the large one, and 0 if there
    are none. The ablation removes the inhibitor's whole output. A loss that was 0 grows by a factor of
    infinity, or, if it stays 0, by one that is not defined: NaN.
    """
    found = [possible_motifs(w, w_out) for w, w_out in zip(W, W_out, strict=True)]
    # A ratio of one feature's losses does not depend on its importance, unless that is 0.
    weight = np.where(importance == 0, 1, importance)
    whole = feature_losses(variant, W, W_out, b, weight, samples)
    least, is_large = np.full(b.shape, np.inf), np.zeros(b.shape, bool)
    for k in sorted({motif.inhibitor for motifs in found for motif in motifs}):
        runs = [r for r, motifs in enumerate(found) if any(m.inhibitor == k for m in motifs)]
        ablated = W_out[runs]
        ablated[:, :, k] = 0
        losses = feature_losses(variant, W[runs], ablated, b[runs], weight[runs], samples)
        for r, loss in zip(runs, losses, strict=True):
            for motif in (m for m in found[r] if m.inhibitor == k):
                factor = _ratio(loss[motif.small], whole[r, motif.small])
                least[r, motif.large] = np.minimum(least[r, motif.large], factor)
                is_large[r, motif.large] = True
    return np.where(is_large, least, 0.0)


def _ratio(loss: float, whole: float) -> float:
    """loss / whole; if `whole` is 0, infinity for a loss above 0 and NaN for 0, without numpy's warnings."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(loss, whole))
