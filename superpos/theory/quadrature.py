"""Exact losses of small ReLU output models by compiled quadrature, with their gradients and minima.

x_i is 0 with probability 1 - p, otherwise drawn from U[0, 1]. Over one active feature the integral is
exact, piece by piece between kinks. Over the others it is a Gauss-Legendre sum, which suffices because
the inner integral is smooth. There is no training and no sampling. Section "Superposition as a Phase
Change".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from superpos.numerics.compiled import numba, part

if TYPE_CHECKING:
    from jaxtyping import Float

NODES = 8
"""Quadrature points per feature; 8 give the loss to at least four digits."""
POINT, WEIGHT = (a / 2 for a in np.polynomial.legendre.leggauss(NODES))
POINT = POINT + 0.5
PAIR = 0.5 / math.sqrt(3)
"""The two Gauss-Legendre points lie this far from the middle of an interval of length 1."""
MOST_STEPS = 300
"""The largest number of quasi-Newton steps; most minima are found in 40."""


@numba.njit(cache=True)
def exact_loss(
    W: Float[np.ndarray, "feature hidden"],
    b: Float[np.ndarray, " feature"],
    importance: Float[np.ndarray, " feature"],
    p: float,
) -> float:
    """sum_i I_i E (x_i - x'_i)² of W [feature, hidden], b [feature]."""
    theta = np.concatenate((W.ravel(), b))
    return loss_and_gradient(theta, W.shape[1], importance, p, np.empty(len(theta)))


@numba.njit(cache=True)
def losses_over_weights(
    first: Float[np.ndarray, " first"],
    second: Float[np.ndarray, " second"],
    importance: Float[np.ndarray, " feature"],
    p: float,
) -> Float[np.ndarray, "second first"]:
    """The losses [W_2, W_1] of 2 features in 1 dimension without bias: W_1 in `first`, W_2 in `second`."""
    losses, W, b = np.empty((len(second), len(first))), np.empty((2, 1)), np.zeros(2)
    for i in range(len(second)):
        for k in range(len(first)):
            W[0, 0], W[1, 0] = first[k], second[i]
            losses[i, k] = exact_loss(W, b, importance, p)
    return losses


@numba.njit(cache=True)
def minimize(
    starts: Float[np.ndarray, "start parameter"],
    n_hidden: int,
    importance: Float[np.ndarray, " feature"],
    p: float,
) -> tuple[float, Float[np.ndarray, " parameter"]]:
    """The smallest loss reached from starts [start, parameter], and its parameters: W row by row, b."""
    best, least = starts[0].copy(), np.inf
    for start in starts:
        theta = start.copy()
        value = _descend(theta, n_hidden, importance, p)
        if value < least:
            least, best = value, theta
    return least, best


@numba.njit(cache=True)
def loss_and_gradient(
    theta: Float[np.ndarray, " parameter"],
    n_hidden: int,
    importance: Float[np.ndarray, " feature"],
    p: float,
    gradient: Float[np.ndarray, " parameter"],
) -> float:
    """The loss of theta = (W row by row, b); writes its gradient to `gradient`."""
    n = len(importance)
    W, b = theta[: n * n_hidden].reshape(n, n_hidden), theta[n * n_hidden :]
    gram, by_gram, by_b = np.zeros((n, n)), np.zeros((n, n)), np.zeros(n)
    for j in range(n):
        for i in range(n):
            for k in range(n_hidden):
                gram[j, i] += W[j, k] * W[i, k]
    total = 0.0
    for j in range(n):
        for active in range(1 << n):
            total += _output(j, active, gram[j], b[j], importance[j], p, by_gram[j], by_b)
    gradient[:] = 0.0
    for j in range(n):
        gradient[n * n_hidden + j] = by_b[j]
        for i in range(n):
            for k in range(n_hidden):
                gradient[j * n_hidden + k] += by_gram[j, i] * W[i, k]
                gradient[i * n_hidden + k] += by_gram[j, i] * W[j, k]
    return total


@part
def _output(j, active, row, b, importance, p, by_row, by_b):  # type: ignore[no-untyped-def]
    """The part of output j in the loss if exactly the features whose bits are set in `active` are on."""
    n, size, inner = len(row), 0, -1
    others = np.empty(n, np.int64)
    for i in range(n):
        if active >> i & 1:
            size += 1
            if inner < 0 or i == j or (inner != j and abs(row[i]) > abs(row[inner])):
                inner = i
    chance = importance * p**size * (1 - p) ** (n - size)
    if size == 0:
        z = max(b, 0.0)
        by_b[j] += 2 * chance * z
        return chance * z * z
    count = 0
    for i in range(n):
        if active >> i & 1 and i != inner:
            others[count] = i
            count += 1
    total = 0.0
    for outer in range(len(POINT) ** count):
        z, weight, rest = b, chance, outer
        for o in others[:count]:
            z += row[o] * POINT[rest % len(POINT)]
            weight *= WEIGHT[rest % len(POINT)]
            rest //= len(POINT)
        part, by_z, by_inner = _along(z, row[inner], inner == j, weight)
        total += part
        by_b[j] += by_z
        by_row[inner] += by_inner
        rest = outer
        for o in others[:count]:
            by_row[o] += by_z * POINT[rest % len(POINT)]
            rest //= len(POINT)
    return total


@part
def _along(z, slope, own, weight):  # type: ignore[no-untyped-def]
    """weight times the integral over u in [0, 1] of (t - [z + slope u]_+)², with t = u if `own`,
    otherwise 0; and its derivatives with respect to z and slope."""
    low, high = 0.0, 1.0
    if z < 0.0 and z + slope <= 0.0:
        high = 0.0
    elif z < 0.0:
        low = -z / slope
    elif z + slope < 0.0:
        high = -z / slope
    total = weight * (1.0 - high**3 + low**3) / 3.0 if own else 0.0
    by_z, by_slope = 0.0, 0.0
    for side in (-PAIR, PAIR):
        u = (low + high) / 2 + side * (high - low)
        error = z + slope * u - (u if own else 0.0)
        share = weight * (high - low) / 2 * error
        total += share * error
        by_z += 2 * share
        by_slope += 2 * share * u
    return total, by_z, by_slope


@part
def _descend(theta, n_hidden, importance, p):  # type: ignore[no-untyped-def]
    """Move theta to a local minimum by BFGS with step halving (Nocedal and Wright 2006, chapter 6)."""
    size = len(theta)
    gradient, new_gradient = np.empty(size), np.empty(size)
    inverse, fresh = np.eye(size) / p, True
    value = loss_and_gradient(theta, n_hidden, importance, p, gradient)
    for _ in range(MOST_STEPS):
        move = -_product(inverse, gradient)
        slope = _dot(move, gradient)
        if slope > -1e-13 * p:
            break
        length, tried = 1.0, theta + move
        new = loss_and_gradient(tried, n_hidden, importance, p, new_gradient)
        while new > value + 1e-4 * length * slope and length > 1e-9:
            length /= 2
            tried = theta + length * move
            new = loss_and_gradient(tried, n_hidden, importance, p, new_gradient)
        if new >= value:
            if fresh:
                break
            inverse, fresh = np.eye(size) / p, True
            continue
        change, by = tried - theta, new_gradient - gradient
        theta[:], gradient[:], value = tried, new_gradient, new
        _update(inverse, change, by)
        fresh = False
    return value


@part
def _update(inverse, change, by):  # type: ignore[no-untyped-def]
    """The BFGS update of the inverse Hessian, skipped if the curvature is not positive."""
    curvature = _dot(change, by)
    if curvature <= 1e-14 * math.sqrt(_dot(change, change) * _dot(by, by)):
        return
    applied = _product(inverse, by)
    factor = (1.0 + _dot(by, applied) / curvature) / curvature
    for i in range(len(change)):
        for k in range(len(change)):
            inverse[i, k] += factor * change[i] * change[k]
            inverse[i, k] -= (applied[i] * change[k] + change[i] * applied[k]) / curvature


@part
def _product(matrix, vector):  # type: ignore[no-untyped-def]
    out = np.zeros(len(vector))
    for i in range(len(vector)):
        for k in range(len(vector)):
            out[i] += matrix[i, k] * vector[k]
    return out


@part
def _dot(a, b):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total
