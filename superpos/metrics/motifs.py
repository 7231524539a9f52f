"""Whether the second neuron of an asymmetric motif is needed ("Computation in Superposition")."""

import numpy as np

from superpos.evaluation import Samples
from superpos.losses import feature_losses
from superpos.models import Variant
from superpos.motifs import candidates
from superpos.needs import requires


@requires(tied=False, relu_hidden=True)
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
