"""The asymmetric superposition motif of the absolute value model ("Computation in Superposition").

A neuron reads two features, i with a large weight and j with a small one, and writes them with the
reverse, such as W = [2, -1/2] and outputs [1/2, 2]: j hardly disturbs i, but i is mistaken for a
large j. A second neuron, which fires when i has that sign, inhibits the output of j.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from superpos.data.held_out import Samples
from superpos.metrics import metric
from superpos.metrics.losses import feature_losses
from superpos.metrics.neurons import NEGLIGIBLE, rescaled
from superpos.models import Variant

RATIO = 2.0
"""How many times larger the weight into the large feature is, at least."""
UNIT = 0.3
"""How far the product of a feature's two weights may be from 1."""
INHIBITION = -1.0
"""The weakest output weight, its neuron's largest input weight being 1, that counts as inhibiting."""
DAMAGE = 2.0
"""How many times larger the inhibited feature's loss is without the inhibitor, at least."""


@dataclass(frozen=True)
class Motif:
    """`neuron` carries features `large` and `small`; `inhibitor` keeps large from raising small."""

    neuron: int
    large: int
    small: int
    inhibitor: int


def candidates(W: np.ndarray, W_out: np.ndarray) -> list[Motif]:
    """Every motif that the weights [feature, hidden] of one model show, before any ablation.

    W_ki and W_kj differ by RATIO at least, W_ki V_ik and W_kj V_jk are 1 within UNIT, and some
    other neuron that fires on i of the same sign has V_jk' <= INHIBITION in unit scale. Of several
    such the inhibitor is the one that takes most from output j per unit of i.
    """
    W, V = rescaled(np.asarray(W, float), np.asarray(W_out, float))
    size, unit = np.abs(W), np.abs(np.abs(W) * V - 1) <= UNIT
    return [
        Motif(k, i, j, inhibitor)
        for k in range(W.shape[1])
        for i, j in permutations(np.flatnonzero(unit[:, k]).tolist(), 2)
        if size[i, k] >= RATIO * size[j, k]
        for inhibitor in _inhibitors(W, V, k, i, j)
    ]


def _inhibitors(W: np.ndarray, V: np.ndarray, k: int, i: int, j: int) -> list[int]:
    """The strongest inhibitor of output j while feature i fires neuron k, or none."""
    response = W[i] * np.sign(W[i, k])
    fits = (response > NEGLIGIBLE) & (V[j] <= INHIBITION)
    fits[k] = False
    if not fits.any():
        return []
    return [int(np.where(fits, response * V[j], 0.0).argmin())]


def confirmed(W: np.ndarray, W_out: np.ndarray, ablation: np.ndarray) -> list[Motif]:
    """The candidates whose inhibition an ablation confirms; `ablation` [feature], the metric."""
    return [motif for motif in candidates(W, W_out) if ablation[motif.large] >= DAMAGE]


def instances(motifs: list[Motif]) -> list[Motif]:
    """The motifs, in order, that share neither a neuron nor an inhibitor with one before them."""
    kept: list[Motif] = []
    for motif in motifs:
        used = {n for other in kept for n in (other.neuron, other.inhibitor)}
        if not used & {motif.neuron, motif.inhibitor}:
            kept.append(motif)
    return kept


@metric(tied=False, relu_hidden=True)
def inhibition_ablation(
    W: np.ndarray,
    W_out: np.ndarray,
    b: np.ndarray,
    importance: np.ndarray,
    variant: Variant,
    samples: Samples,
) -> np.ndarray:
    """Factor by which the small feature's loss grows without the inhibitor [run, feature].

    Of the motifs in which the feature is the large one, the least; 0 where there is none. Ablated
    is the inhibitor's whole output.
    """
    found = [candidates(w, w_out) for w, w_out in zip(W, W_out, strict=True)]
    whole = feature_losses(variant, W, W_out, b, importance, samples)
    least = np.full(b.shape, np.inf)
    for k in sorted({motif.inhibitor for motifs in found for motif in motifs}):
        runs = [r for r, motifs in enumerate(found) if any(m.inhibitor == k for m in motifs)]
        ablated = W_out[runs]
        ablated[:, :, k] = 0
        losses = feature_losses(variant, W[runs], ablated, b[runs], importance[runs], samples)
        for r, loss in zip(runs, losses, strict=True):
            for motif in (m for m in found[r] if m.inhibitor == k):
                factor = loss[motif.small] / whole[r, motif.small]
                least[r, motif.large] = min(least[r, motif.large], factor)
    return np.where(np.isfinite(least), least, 0.0)
