"""The loss of trained runs on held-out samples, feature by feature.

Every sum has a fixed order, sample after sample and hidden unit after hidden unit. The bits are
therefore the same whether runs are computed one by one or eight together, one in each SIMD lane.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from superpos.data.held_out import Samples
from superpos.models import Variant
from superpos.numerics import simd as v
from superpos.numerics.compiled import numba
from superpos.numerics.divergence import blanked, diverged, zeroed

if TYPE_CHECKING:
    from jaxtyping import Float

FEWEST_IN_LANES = 4
"""Fewer runs than this are computed one by one, because an empty lane costs as much as a full one."""


def feature_losses(
    variant: Variant,
    W: Float[np.ndarray, "run feature hidden"],
    W_out: Float[np.ndarray, "run feature hidden"] | None,
    b: Float[np.ndarray, "run feature"],
    importance: Float[np.ndarray, "run feature"],
    samples: Samples,
) -> Float[np.ndarray, "run feature"]:
    """I_i E (x_i - x'_i)² in float64; NaN for runs that have diverged.

    Raises a ValueError if the samples do not fit the number of features.
    """
    samples.checked(b.shape[1])
    bad = diverged(W, W_out, b)
    W, W_out, b = zeroed({"W": W, "W_out": W_out, "b": b}, bad).values()
    out = W if W_out is None else W_out
    weights = [a.astype(np.float64) for a in (W, out.transpose(0, 2, 1), b)]
    errors: Callable[..., np.ndarray] = _one_by_one if len(W) < FEWEST_IN_LANES else _in_lanes
    losses = importance * errors(
        *map(np.ascontiguousarray, weights),
        *(samples.start, samples.feature, samples.value.astype(np.float64), samples.weight),
        *(variant.relu_hidden, variant.relu_output, variant.absolute_target),
    )
    return blanked(losses, bad)


@numba.njit(parallel=True, cache=True)
def _one_by_one(  # type: ignore[no-untyped-def]
    W, out, b, start, feature, value, weight, relu_hidden, relu_output, absolute_target
):
    """sum_s weight_s (x_i - x'_i)² [run, feature]; W [run, feature, hidden], out [run, hidden, feature]."""
    runs, n_features, n_hidden = W.shape
    total = np.zeros((runs, n_features))
    for run in numba.prange(runs):
        h, y = np.empty(n_hidden), np.empty(n_features)
        for s in range(len(weight)):
            h[:] = 0.0
            for entry in range(start[s], start[s + 1]):
                i, x = feature[entry], value[entry]
                for k in range(n_hidden):
                    h[k] += x * W[run, i, k]
            y[:] = b[run]
            for k in range(n_hidden):
                if relu_hidden and h[k] < 0.0:
                    continue
                hk = h[k]
                for j in range(n_features):
                    y[j] += hk * out[run, k, j]
            if relu_output:
                for j in range(n_features):
                    y[j] = max(y[j], 0.0)
            for entry in range(start[s], start[s + 1]):
                y[feature[entry]] -= abs(value[entry]) if absolute_target else value[entry]
            w = weight[s]
            for j in range(n_features):
                total[run, j] += w * (y[j] * y[j])
    return total


def _in_lanes(W, out, b, *rest):  # type: ignore[no-untyped-def]
    """The same for eight runs at a time."""
    runs, n_features = b.shape
    total = _eight_by_eight(*map(_laned, (W, out, b)), *rest)
    return total.transpose(0, 2, 1).reshape(-1, n_features)[:runs]


def _laned(a: np.ndarray) -> np.ndarray:
    """[run, ...] as [block, ..., lane]; empty lanes hold zeros."""
    blocks = -(-len(a) // v.LANES)
    padded = np.zeros((blocks * v.LANES, *a.shape[1:]))
    padded[: len(a)] = a
    lanes_last = np.moveaxis(padded.reshape(blocks, v.LANES, *a.shape[1:]), 1, -1)
    return np.ascontiguousarray(lanes_last)


@numba.njit(parallel=True, cache=True)
def _eight_by_eight(  # type: ignore[no-untyped-def]
    W, out, b, start, feature, value, weight, relu_hidden, relu_output, absolute_target
):
    """sum_s weight_s (x_i - x'_i)² [block, feature, lane]; W, out and b as for one run, lanes last."""
    blocks, n_features, n_hidden, lanes = W.shape
    total = np.zeros((blocks, n_features, lanes))
    for block in numba.prange(blocks):
        h, y = np.empty((n_hidden, lanes)), np.empty((n_features, lanes))
        pointers = v.pointer(W[block]), v.pointer(out[block]), v.pointer(b[block])
        to_h, to_y, to_total = v.pointer(h), v.pointer(y), v.pointer(total[block])
        for s in range(len(weight)):
            active = feature[start[s] : start[s + 1]], value[start[s] : start[s + 1]]
            _hidden(n_hidden, active, pointers[0], relu_hidden, to_h)
            _outputs(n_features, n_hidden, pointers, to_h, relu_output, to_y)
            _subtract(active, absolute_target, to_y)
            w = v.splat(weight[s])
            for j in range(n_features):
                error = v.load(to_y, j * lanes)
                term = v.mul(w, v.mul(error, error))
                v.store(to_total, j * lanes, v.add(v.load(to_total, j * lanes), term))
    return total


@numba.njit
def _hidden(n_hidden, active, W, relu, h):  # type: ignore[no-untyped-def]
    """h = W^T x for the entries (feature, value) of one sample."""
    feature, value = active
    for k in range(n_hidden):
        hk = v.splat(0.0)
        for entry in range(len(feature)):
            weights = v.load(W, (feature[entry] * n_hidden + k) * v.LANES)
            hk = v.add(hk, v.mul(v.splat(value[entry]), weights))
        v.store(h, k * v.LANES, v.where_positive(hk, hk) if relu else hk)


@numba.njit
def _outputs(n_features, n_hidden, pointers, h, relu, y):  # type: ignore[no-untyped-def]
    """y = out h + b."""
    _, out, b = pointers
    for j in range(n_features):
        yj = v.load(b, j * v.LANES)
        for k in range(n_hidden):
            weights = v.load(out, (k * n_features + j) * v.LANES)
            yj = v.add(yj, v.mul(v.load(h, k * v.LANES), weights))
        v.store(y, j * v.LANES, v.where_positive(yj, yj) if relu else yj)


@numba.njit
def _subtract(active, absolute_target, y):  # type: ignore[no-untyped-def]
    """y -= x, or |x|."""
    feature, value = active
    for entry in range(len(feature)):
        x = abs(value[entry]) if absolute_target else value[entry]
        at = feature[entry] * v.LANES
        v.store(y, at, v.sub(v.load(y, at), v.splat(x)))
