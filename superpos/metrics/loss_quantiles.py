"""Quantiles of the held-out loss over samples, because a few samples can dominate the mean.

Eight features are computed together, one in each SIMD lane, and a sample's loss has eight partial sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.data.held_out import Samples
from superpos.metrics import metric
from superpos.metrics.sharing import shared
from superpos.models import Variant
from superpos.numerics import sample_arrays
from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part

if TYPE_CHECKING:
    from jaxtyping import Float

SHARES = np.array([0.5, 0.99]) * (1 - 1e-9)
"""The shares of the two quantiles, a little less, so that rounding of the summed weights skips no sample."""

_FITTING = metric(tied=True, importance="one")


@_FITTING
def loss_median(
    W: Float[np.ndarray, "run feature hidden"],
    b: Float[np.ndarray, "run feature"],
    variant: Variant,
    samples: Samples,
) -> Float[np.ndarray, " run"]:
    """The smallest loss that half of the held-out samples, by weight, do not exceed.

    The loss of a sample is sum_i (x_i - x'_i)². Raises a ValueError if the samples do not fit the
    number of features.
    """
    return _quantiles(W, b, variant, samples)[0]


@_FITTING
def loss_q99(
    W: Float[np.ndarray, "run feature hidden"],
    b: Float[np.ndarray, "run feature"],
    variant: Variant,
    samples: Samples,
) -> Float[np.ndarray, " run"]:
    """The smallest loss that 99% of the held-out samples, by weight, do not exceed; see `loss_median`."""
    return _quantiles(W, b, variant, samples)[1]


@shared
def _quantiles(
    W: np.ndarray, b: np.ndarray, variant: Variant, samples: Samples
) -> tuple[np.ndarray, np.ndarray]:
    """The median and the 0.99 quantile, [run]. Only one run's losses are in memory at a time."""
    sample_arrays.check(samples, b.shape[1])
    padding = -b.shape[1] % v.LANES
    x = samples.start, samples.feature, samples.value.astype(np.float64)
    found = [
        _reached(_losses(*_padded(*run, padding), *x, *_flags(variant)), samples.weight)
        for run in zip(W, b, strict=True)
    ]
    median, q99 = np.array(found).reshape(-1, 2).T
    return median, q99


def _padded(W: np.ndarray, b: np.ndarray, padding: int) -> tuple[np.ndarray, np.ndarray]:
    """W as [hidden, feature] and b, with features that are always 0 up to a whole number of lanes."""
    wide = np.zeros((W.shape[1], len(b) + padding))
    wide[:, : len(b)] = W.T
    return wide, np.pad(b.astype(np.float64), (0, padding))


def _flags(variant: Variant) -> tuple[bool, bool, bool]:
    return variant.relu_hidden, variant.relu_output, variant.absolute_target


def _reached(loss: np.ndarray, weight: np.ndarray) -> list[float]:
    order = loss.argsort(kind="stable")
    below = np.add.accumulate(weight[order])
    places = np.searchsorted(below, below[-1] * SHARES)
    quantiles: list[float] = loss[order[places]].tolist()
    return quantiles


@numba.njit(cache=True)
def _losses(W, b, start, feature, value, relu_hidden, relu_output, absolute_target):  # type: ignore[no-untyped-def]
    """sum_i (x_i - x'_i)² [sample] of one run."""
    n_hidden, n_features = W.shape
    loss, x, h = np.empty(len(start) - 1), np.zeros(n_features), np.empty(n_hidden)
    pointers = v.pointer(W), v.pointer(b), v.pointer(h), v.pointer(x)
    for s in range(len(loss)):
        for k in range(n_hidden):
            h[k] = 0.0
            for entry in range(start[s], start[s + 1]):
                h[k] += value[entry] * W[k, feature[entry]]
            h[k] = max(h[k], 0.0) if relu_hidden else h[k]
        for entry in range(start[s], start[s + 1]):
            x[feature[entry]] = abs(value[entry]) if absolute_target else value[entry]
        loss[s] = _squared_error(n_features, n_hidden, pointers, relu_output)
        for entry in range(start[s], start[s + 1]):
            x[feature[entry]] = 0.0
    return loss


@part
def _squared_error(n_features, n_hidden, pointers, relu):  # type: ignore[no-untyped-def]
    """‖x - y‖², y = W^T h + b, with the ReLU of y if `relu`."""
    W, b, h, x = pointers
    total = v.splat(0.0)
    for j in range(0, n_features, v.LANES):
        y = v.load(b, j)
        for k in range(n_hidden):
            y = v.add(y, v.mul(v.splat(h[k]), v.load(W, k * n_features + j)))
        error = v.sub(v.where_positive(y, y) if relu else y, v.load(x, j))
        total = v.add(total, v.mul(error, error))
    return v.lane_sum(total)
