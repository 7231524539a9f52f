"""The exact expected loss of small models, in closed form and compiled for many runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.config.condition import Data
from superpos.metrics import metric
from superpos.models import Variant
from superpos.numerics.compiled import numba
from superpos.numerics.ordered import gram_columns
from superpos.theory.active_sets import (
    MOST_FEATURES,
    NODES,
    ROUNDING,
    SHARES,
    SMALL,
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


@numba.njit(cache=True)
def _error(b, slopes, active, i):  # type: ignore[no-untyped-def]
    """E (x_i - [z]_+)², z = b + sum over active j of slopes_j u_j."""
    square = _moment(b, slopes, active, 2)
    if not active >> i & 1:
        return square
    own = slopes[i]
    if abs(own) < SMALL:
        return 1 / 3 - _moment(b, slopes, active, 1) + square
    rest = active & ~(1 << i)
    # E u [z]_+ by parts: ([z at u = 1]_+² - [z]_+²) / (2 own).
    return 1 / 3 - (_moment(b + own, slopes, rest, 2) - square) / own + square


@numba.njit(cache=True)
def _moment(b, slopes, active, q):  # type: ignore[no-untyped-def]
    """E [b + sum over active j of slopes_j u_j]_+^q."""
    steep = np.empty(len(slopes))
    k = 0
    for j in range(len(slopes)):
        if active >> j & 1:
            if abs(slopes[j]) < SMALL:
                b += slopes[j] / 2
            else:
                steep[k] = slopes[j]
                k += 1
    up, down = b, b
    for j in range(k):
        up += max(steep[j], 0.0)
        down += min(steep[j], 0.0)
    highest = max(abs(up), abs(down))
    if k < 2 or rounding(highest, steep, k, q) <= ROUNDING:
        return _at_corners(b, steep, k, q)
    return _at_nodes(b, steep[np.argsort(-np.abs(steep[:k]))], k, q, highest)


@numba.njit(cache=True)
def _at_nodes(b, steep, k, q, highest):  # type: ignore[no-untyped-def]
    """The same by quadrature over the smallest slopes, in which the antiderivative would cancel."""
    kept = k - 1
    while kept > 1 and rounding(highest, steep, kept, q) > ROUNDING:
        kept -= 1
    total = 0.0
    for point in range(len(NODES) ** (k - kept)):
        height, share, rest = b, 1.0, point
        for j in range(kept, k):
            height += steep[j] * NODES[rest % len(NODES)]
            share *= SHARES[rest % len(NODES)]
            rest //= len(NODES)
        total += share * _at_corners(height, steep, kept, q)
    return total


@numba.njit(cache=True)
def _at_corners(b, steep, k, q):  # type: ignore[no-untyped-def]
    """The same by the antiderivative in k slopes, at the corners of their cube."""
    total = 0.0
    for corner in range(2**k):
        height = b
        sign = 1.0
        for j in range(k):
            if corner >> j & 1:
                height += steep[j]
            else:
                sign = -sign
        if height > 0.0:
            power = sign
            for _ in range(q + k):
                power *= height
            total += power
    for j in range(k):
        total /= steep[j] * (q + j + 1)
    return total
