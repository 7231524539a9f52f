"""The exact expected loss of small models, in closed form and compiled for many runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.config.condition import Data
from superpos.metrics import metric
from superpos.models import Variant
from superpos.numerics.compiled import numba, part
from superpos.numerics.ordered import gram_columns
from superpos.theory.active_sets import (
    MOST_FEATURES,
    NEGLIGIBLE,
    NODES,
    ROUNDING,
    SHARES,
    rounding,
)

if TYPE_CHECKING:
    from jaxtyping import Float


@metric(
    most_features=MOST_FEATURES,
    tied=True,
    relu_hidden=False,
    relu_output=True,
    absolute_target=False,
    data=("independent",),
    signed=False,
    unit_norm=False,
)
def exact_loss(
    W: Float[np.ndarray, "run feature hidden"],
    b: Float[np.ndarray, "run feature"],
    importance: Float[np.ndarray, "run feature"],
    density: Float[np.ndarray, "run feature"],
    variant: Variant,
    data: Data,
) -> Float[np.ndarray, " run"]:
    """E sum_i I_i (x_i - ReLU(W_i . h + b_i))² for independent x_i, each 0 or from U[0, 1].

    Evaluates the sum of `theory.exact_loss`, over all sets of active features and the corners of
    their cubes. It takes at most 8 features, because the number of sets doubles with each.
    `variant` and `data` are parameters only so that the needs declared above can be checked.
    """
    gram = np.stack(list(gram_columns(W)), axis=2)
    arrays = (np.ascontiguousarray(a, np.float64) for a in (b, importance, density))
    loss: np.ndarray = _losses(gram, *arrays)
    return loss


@numba.njit(cache=True)
def _losses(gram, b, importance, density):  # type: ignore[no-untyped-def]
    runs, n = b.shape
    loss = np.zeros(runs)
    for run in range(runs):
        for active in range(2**n):
            p = 1.0
            for j in range(n):
                p *= density[run, j] if active >> j & 1 else 1.0 - density[run, j]
            for i in range(n):
                if importance[run, i] == 0.0:
                    continue
                error = _error(b[run, i], gram[run, i], active, i)
                loss[run] += p * importance[run, i] * error
    return loss


@part
def _error(b, slopes, active, i):  # type: ignore[no-untyped-def]
    """E (x_i - [z]_+)², z = b + sum over active j of slopes_j u_j."""
    square = _moment(b, slopes, active, 2, -1)
    if not active >> i & 1:
        return square
    if slopes[i] == 0.0:
        return 1 / 3 - _moment(b, slopes, active, 1, -1) + square
    return 1 / 3 - 2 * _moment(b, slopes, active, 1, i) + square


@part
def _moment(b, slopes, active, q, own):  # type: ignore[no-untyped-def]
    """E [z]_+^q, z = b + sum over active j of slopes_j u_j, or E u_own [z]_+^q; own is -1 for the first.

    The method is that of `theory.positive_moment`.
    """
    negligible = NEGLIGIBLE * _highest(b, slopes, active)
    c = np.empty(len(slopes))
    own_at, k = -1, 0
    for j in range(len(slopes)):
        if active >> j & 1:
            if j != own and abs(slopes[j]) <= negligible:
                b += slopes[j] / 2
                continue
            if j == own:
                own_at = k
            c[k] = slopes[j]
            k += 1
    highest = _highest(b, c, 2**k - 1)
    if _cancelling(highest, c, k, q, own_at) <= ROUNDING:
        return _closed(b, c, k, q, own_at)
    for j in range(k):
        largest = j
        for other in range(j, k):
            if abs(c[other]) > abs(c[largest]):
                largest = other
        c[j], c[largest] = c[largest], c[j]
        own_at = largest if own_at == j else j if own_at == largest else own_at
    return _at_nodes(b, c, k, q, own_at, highest)


@part
def _at_nodes(b, c, k, q, own, highest):  # type: ignore[no-untyped-def]
    """The same by quadrature over the smallest slopes, each from kink to kink; c falls in size.

    Level d integrates slope k - 1 - d, with the slopes before it still free.
    """
    kept = k - 1
    while _cancelling(highest, c, kept, q, own if own < kept else -1) > ROUNDING:
        kept -= 1
    levels = k - kept
    height, weight = np.empty(levels + 1), np.empty(levels + 1)
    low, high = np.empty(levels + 1), np.zeros(levels + 1)
    node = np.full(levels + 1, len(NODES))
    height[0], weight[0] = b, 1.0
    total, d = 0.0, 0
    while d >= 0:
        if d == levels:
            total += weight[d] * _closed(height[d], c, kept, q, own if own < kept else -1)
            d -= 1
            continue
        free = k - 1 - d
        if node[d] == len(NODES):
            if high[d] == 1.0:
                d -= 1
                continue
            low[d] = high[d]
            high[d] = _next_kink(height[d], c, free, low[d])
            node[d] = 0
        width = high[d] - low[d]
        u = low[d] + width * NODES[node[d]]
        height[d + 1] = height[d] + c[free] * u
        weight[d + 1] = weight[d] * width * SHARES[node[d]] * (u if own == free else 1.0)
        node[d] += 1
        d += 1
        node[d], high[d] = len(NODES), 0.0
    return total


@part
def _next_kink(b, c, free, low):  # type: ignore[no-untyped-def]
    """The least u above `low` at which b + c_free u meets 0 at a corner of the free slopes, or 1."""
    least = 1.0
    for corner in range(2**free):
        u = -_height(b, c, free, corner) / c[free]
        if low < u < least:
            least = u
    return least


@part
def _cancelling(highest, c, k, q, own):  # type: ignore[no-untyped-def]
    """A bound of the rounding error of `_closed`, as a share of the largest [z]^q."""
    bound = rounding(highest, c, k, q)
    return bound if own < 0 else bound * 2 * highest / ((q + 1 + k) * abs(c[own]))


@part
def _closed(b, c, k, q, own):  # type: ignore[no-untyped-def]
    """E [z]_+^q, or E u_own [z]_+^q by parts, in the first k slopes."""
    if own < 0:
        return _at_corners(b, c, k, q)
    others = np.empty(k - 1)
    for j in range(k - 1):
        others[j] = c[j] if j < own else c[j + 1]
    end = _at_corners(b + c[own], others, k - 1, q + 1)
    return (end - _at_corners(b, c, k, q + 1)) / ((q + 1) * c[own])


@part
def _highest(b, c, active):  # type: ignore[no-untyped-def]
    """The largest |b + c . u| over the cube of the active slopes."""
    up, down = b, b
    for j in range(len(c)):
        if active >> j & 1:
            up += max(c[j], 0.0)
            down += min(c[j], 0.0)
    return max(abs(up), abs(down))


@part
def _height(b, c, k, corner):  # type: ignore[no-untyped-def]
    """b + c . u at one corner of the cube of the first k slopes."""
    for j in range(k):
        if corner >> j & 1:
            b += c[j]
    return b


@part
def _at_corners(b, c, k, q):  # type: ignore[no-untyped-def]
    """E [b + c . u]_+^q by the antiderivative in the first k slopes, at the corners of their cube."""
    total = 0.0
    for corner in range(2**k):
        height = _height(b, c, k, corner)
        if height > 0.0:
            power = 1.0
            for j in range(k):
                if not corner >> j & 1:
                    power = -power
            for _ in range(q + k):
                power *= height
            total += power
    for j in range(k):
        total /= c[j] * (q + j + 1)
    return total
