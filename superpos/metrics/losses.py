"""The loss of trained runs on held-out samples, feature by feature.

Eight runs are computed together, one in each SIMD lane. Every sum has a fixed order, sample after
sample and hidden unit after hidden unit, so a run's bits do not depend on the others.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from superpos.data.held_out import Samples
from superpos.models import Variant
from superpos.numerics import sample_arrays
from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part
from superpos.numerics.diverged_runs import zeroed
from superpos.numerics.divergence import blanked, diverged

if TYPE_CHECKING:
    from jaxtyping import Float

FeatureLosses = Callable[..., np.ndarray]
"""A function with the arguments and the result of `feature_losses`."""
Sums = Callable[..., np.ndarray]
"""A function with the arguments and the result of `squared_errors`."""
TILE = 4
"""The number of samples for which each weight is loaded only once."""


def squared_errors(
    variant: Variant,
    W: Float[np.ndarray, "run feature hidden"],
    W_out: Float[np.ndarray, "run feature hidden"] | None,
    b: Float[np.ndarray, "run feature"],
    samples: Samples,
) -> Float[np.ndarray, "run feature"]:
    """E (x_i - x'_i)² in float64, for finite parameters and checked samples."""
    blocks = [_laned(a) for a in (W, W if W_out is None else W_out, b)]
    # Samples without entries that weigh nothing fill the last tile. They add 0 to every sum.
    start, weight = np.pad(samples.start, (0, TILE), "edge"), np.pad(samples.weight, (0, TILE))
    of_samples = start, samples.feature, samples.value.astype(np.float64), weight
    given = *of_samples, variant.relu_hidden, variant.relu_output, variant.absolute_target
    with ThreadPoolExecutor(vars(numba.config)["NUMBA_NUM_THREADS"]) as pool:
        errors = [*pool.map(lambda *block: _errors(*(*block, *given)), *blocks)]
    return np.stack(errors).transpose(0, 2, 1).reshape(-1, b.shape[1])[: len(b)]


def feature_losses(
    variant: Variant,
    W: Float[np.ndarray, "run feature hidden"],
    W_out: Float[np.ndarray, "run feature hidden"] | None,
    b: Float[np.ndarray, "run feature"],
    importance: Float[np.ndarray, "run feature"],
    samples: Samples,
    sums: Sums = squared_errors,
) -> Float[np.ndarray, "run feature"]:
    """I_i E (x_i - x'_i)² in float64; NaN for runs that have diverged.

    Raises a ValueError if the samples do not fit the number of features.
    """
    sample_arrays.check(samples, b.shape[1])
    bad = diverged(W, W_out, b)
    W, W_out, b = zeroed({"W": W, "W_out": W_out, "b": b}, bad).values()
    return blanked(importance * sums(variant, W, W_out, b, samples), bad)


def _laned(a: np.ndarray) -> np.ndarray:
    """[run, ...] as float64 [block, ..., lane]; empty lanes hold zeros."""
    blocks = -(-len(a) // v.LANES)
    padded = np.zeros((blocks * v.LANES, *a.shape[1:]))
    padded[: len(a)] = a
    lanes_last = np.moveaxis(padded.reshape(blocks, v.LANES, *a.shape[1:]), 1, -1)
    return np.ascontiguousarray(lanes_last)


@numba.njit(nogil=True, cache=True)
def _errors(  # type: ignore[no-untyped-def]
    W, out, b, start, feature, value, weight, relu_hidden, relu_output, absolute_target
):
    """sum_s weight_s (x_i - x'_i)² [feature, lane]; W and out [feature, hidden, lane], b alike."""
    n_features, n_hidden, lanes = W.shape
    total, x = np.zeros((n_features, lanes)), np.zeros((n_features, TILE))
    h = np.empty((n_hidden, TILE, lanes))
    to_W, to_total, to_x, to_h = v.pointer(W), v.pointer(total), v.pointer(x), v.pointer(h)
    pointers = v.pointer(out), v.pointer(b), to_h, to_x
    begin, features, values = v.pointer(start), v.pointer(feature), v.pointer(value)
    for first in range(0, len(weight) - TILE + 1, TILE):
        for t in range(TILE):
            entries = range(begin[first + t], begin[first + t + 1])
            of_t = v.shift(features, entries.start), v.shift(values, entries.start), len(entries)
            _hidden(n_hidden, of_t, to_W, relu_hidden, v.shift(to_h, t * lanes))
            for entry in entries:
                given = abs(values[entry]) if absolute_target else values[entry]
                to_x[features[entry] * TILE + t] = given
        w = v.shift(v.pointer(weight), first)
        _add_errors(n_features, n_hidden, pointers, w, relu_output, to_total)
        for entry in range(begin[first], begin[first + TILE]):
            x[feature[entry]] = 0.0
    return total


@part
def _hidden(n_hidden, active, W, relu, h):  # type: ignore[no-untyped-def]
    """h = W^T x for the entries (feature, value, how many) of one sample of a tile."""
    together = n_hidden // 4 * 4
    for k in range(0, together, 4):
        _four_hidden(
            n_hidden, active, v.shift(W, k * v.LANES), relu, v.shift(h, k * TILE * v.LANES)
        )
    feature, value, count = active
    for k in range(together, n_hidden):
        hk = v.splat(0.0)
        for entry in range(count):
            weights = v.load(W, (feature[entry] * n_hidden + k) * v.LANES)
            hk = v.add(hk, v.mul(v.splat(value[entry]), weights))
        v.store(h, k * TILE * v.LANES, v.where_positive(hk, hk) if relu else hk)


@part
def _four_hidden(n_hidden, active, W, relu, h):  # type: ignore[no-untyped-def]
    """Four hidden units of one sample, whose sums do not wait for one another."""
    feature, value, count = active
    h0 = h1 = h2 = h3 = v.splat(0.0)
    for entry in range(count):
        at, x = feature[entry] * n_hidden * v.LANES, v.splat(value[entry])
        h0 = v.add(h0, v.mul(x, v.load(W, at)))
        h1 = v.add(h1, v.mul(x, v.load(W, at + v.LANES)))
        h2 = v.add(h2, v.mul(x, v.load(W, at + 2 * v.LANES)))
        h3 = v.add(h3, v.mul(x, v.load(W, at + 3 * v.LANES)))
    apart = TILE * v.LANES
    v.store(h, 0, v.where_positive(h0, h0) if relu else h0)
    v.store(h, apart, v.where_positive(h1, h1) if relu else h1)
    v.store(h, 2 * apart, v.where_positive(h2, h2) if relu else h2)
    v.store(h, 3 * apart, v.where_positive(h3, h3) if relu else h3)


@part
def _add_errors(n_features, n_hidden, pointers, weight, relu, total):  # type: ignore[no-untyped-def]
    """Add weight (y - x)², y = out h + b, of the samples of a tile to the total, one after the other."""
    out, b, h, x = pointers
    for j in range(n_features):
        y0 = y1 = y2 = y3 = v.load(b, j * v.LANES)
        for k in range(n_hidden):
            weights, at = v.load(out, (j * n_hidden + k) * v.LANES), k * TILE * v.LANES
            y0 = v.add(y0, v.mul(v.load(h, at), weights))
            y1 = v.add(y1, v.mul(v.load(h, at + v.LANES), weights))
            y2 = v.add(y2, v.mul(v.load(h, at + 2 * v.LANES), weights))
            y3 = v.add(y3, v.mul(v.load(h, at + 3 * v.LANES), weights))
        summed, of_j = v.load(total, j * v.LANES), v.shift(x, j * TILE)
        summed = _plus_error(summed, y0, of_j[0], weight[0], relu)
        summed = _plus_error(summed, y1, of_j[1], weight[1], relu)
        summed = _plus_error(summed, y2, of_j[2], weight[2], relu)
        summed = _plus_error(summed, y3, of_j[3], weight[3], relu)
        v.store(total, j * v.LANES, summed)


@part
def _plus_error(total, y, x, weight, relu):  # type: ignore[no-untyped-def]
    """total + weight (y - x)², with the ReLU of y if `relu`."""
    error = v.sub(v.where_positive(y, y) if relu else y, v.splat(x))
    return v.add(total, v.mul(v.splat(weight), v.mul(error, error)))
