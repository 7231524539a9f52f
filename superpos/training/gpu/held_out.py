"""The errors of many small models on held-out samples, measured on a GPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from superpos import lookup
from superpos.models import Variant
from superpos.training.gpu.engine import device
from superpos.training.gpu.shape import LANES_UP_TO

with lookup.extra("gpu"):
    import torch

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64


@dataclass(frozen=True)
class Form:
    """The compile-time constants of the kernel: n features, m hidden units, and the variant."""

    n: int
    m: int
    matrices: int
    relu_hidden: bool
    relu_output: bool
    absolute_target: bool


def measures(n_features: int, n_hidden: int) -> bool:
    """Whether the kernel supports models of this size."""
    return n_features * n_hidden <= LANES_UP_TO


def feature_errors(
    variant: Variant,
    W: Float32[np.ndarray, "run feature hidden"],
    W_out: Float32[np.ndarray, "run feature hidden"] | None,
    b: Float32[np.ndarray, "run feature"],
    x: Float32[np.ndarray, "sample feature"],
    weight: Float64[np.ndarray, " sample"],
) -> Float64[np.ndarray, "run feature"]:
    """sum_s weight_s (x_i - x'_i)² in float64; a run's bits do not depend on the others."""
    from superpos.training.gpu.kernels import losses

    runs, n, m = W.shape
    given = [a.reshape(runs, -1) for a in (W, W_out, b) if a is not None]
    P = np.concatenate(given, axis=1).astype(np.float32)
    arrays = [torch.from_numpy(np.ascontiguousarray(a)).to(device()) for a in (P, x, weight)]
    out = torch.zeros((runs, n), dtype=torch.float64, device=device())
    flags = (variant.relu_hidden, variant.relu_output, variant.absolute_target)
    form = Form(n, m, 1 if W_out is None else 2, *flags)
    losses.errors[(runs,)](*arrays, out, len(weight), form, num_warps=1, enable_fp_fusion=True)
    errors: np.ndarray = out.cpu().numpy()
    return errors
