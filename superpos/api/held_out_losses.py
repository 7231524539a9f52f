"""Choose how held-out losses are computed: on the GPU for small models that were trained there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from superpos.data.held_out import Samples
from superpos.metrics.losses import FeatureLosses, feature_losses, squared_errors
from superpos.models import Variant

if TYPE_CHECKING:
    from jaxtyping import Float


def losses_for(engine: str) -> FeatureLosses:
    """Return the function that computes the held-out losses of runs that this engine trained."""
    if engine != "gpu":
        return feature_losses
    from superpos.training import gpu

    return feature_losses if gpu.missing() else partial(feature_losses, sums=_on_gpu)


def _on_gpu(
    variant: Variant,
    W: Float[np.ndarray, "run feature hidden"],
    W_out: Float[np.ndarray, "run feature hidden"] | None,
    b: Float[np.ndarray, "run feature"],
    samples: Samples,
) -> Float[np.ndarray, "run feature"]:
    """`squared_errors`, by the GPU's kernel if it takes models of this size."""
    from superpos.training import gpu

    n_features, n_hidden = W.shape[1:]
    if not gpu.measures(n_features, n_hidden):
        return squared_errors(variant, W, W_out, b, samples)
    x = samples.dense(n_features)
    return gpu.feature_errors(variant, W, W_out, b, x, samples.weight)
