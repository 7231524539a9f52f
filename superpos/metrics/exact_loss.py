"""The expected loss of a small model in closed form, without samples."""

import numpy as np

from superpos.config.condition import Data
from superpos.metrics import metric
from superpos.models import Variant
from superpos.numerics.compiled import numba
from superpos.numerics.ordered import gram_columns

MOST_FEATURES = 8
SMALL = 1e-4
"""Slopes below this, whose terms would cancel, enter by their mean."""


@metric(
    most_features=MOST_FEATURES,
    tied=True,
    relu_hidden=False,
    relu_output=True,
    absolute_target=False,
    data=("independent",),
    signed=False,
)
def exact_loss(
    W: np.ndarray,
    b: np.ndarray,
    importance: np.ndarray,
    density: np.ndarray,
    variant: Variant,
    data: Data,
) -> np.ndarray:
    """E sum_i I_i (x_i - ReLU(W_i . h + b_i))^2 [run] for independent x_i, 0 or from U[0, 1].

    The sum of `theory.relu_loss`, over all sets of active features and the corners of their cubes.
    Of the ReLU output model, and of at most 8 features, for beyond these the sets are too many.
    `variant` and `data` are asked for so that what is declared above can be checked.
    """
    gram = np.stack(list(gram_columns(W)), axis=2)
    arrays = (np.ascontiguousarray(a, np.float64) for a in (b, importance, density))
    return _losses(gram, *arrays)


@numba.njit(cache=True)
def _losses(gram, b, importance, density):
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
def _error(b, slopes, active, i):
    """E (x_i - [z]_+)^2, z = b + sum over active j of slopes_j u_j."""
    square = _moment(b, slopes, active, 2)
    if not active >> i & 1:
        return square
    own = slopes[i]
    if abs(own) < SMALL:
        return 1 / 3 - _moment(b, slopes, active, 1) + square
    rest = active & ~(1 << i)
    # E u [z]_+ by parts: ([z at u = 1]_+^2 - [z]_+^2) / (2 own).
    return 1 / 3 - (_moment(b + own, slopes, rest, 2) - square) / own + square


@numba.njit(cache=True)
def _moment(b, slopes, active, q):
    """E [b + sum over active j of slopes_j u_j]_+^q: the antiderivative at the cube's corners."""
    steep = np.empty(len(slopes))
    k = 0
    for j in range(len(slopes)):
        if active >> j & 1:
            if abs(slopes[j]) < SMALL:
                b += slopes[j] / 2
            else:
                steep[k] = slopes[j]
                k += 1
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
