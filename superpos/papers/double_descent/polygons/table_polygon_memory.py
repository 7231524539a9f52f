"""The regular polygon that stores T samples: exact values, the model built, and the smallest norm found.

The columns are samples (T); radius, beta, frobenius and bias_norm of the polygon with the smallest norm;
loss, the training loss of the model built from it, which is 0; scaled_loss, the loss of a polygon `scale`
times as large with each sample's own features exact; scaled_ratio, scaled_loss divided by 2 (1 -
scale²)²; least_norm, the smallest ‖W‖ that minimisation from random starts finds, divided by `frobenius`
(NaN above `minimised` samples).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from superpos import theory
from superpos.config import ranges
from superpos.config.condition import Count, Fraction
from superpos.config.grids import to_six_digits
from superpos.numerics import philox

MOST_ACTIVE = 10
"""The number of active features in each sample of the models built, if there are enough features."""
STARTS, ROUNDS, STEPS = 12, 12, 12
PENALTY = 10.0


def check(samples: list[int], n_features: int, scale: float, minimised: int) -> None:
    """Raise a ValueError if there are too few or too many samples or features, or if the scale is so
    small that other neighbours would be on."""
    ranges.refuse_outside("samples", samples, 3, 1000)
    ranges.refuse_outside("n_features", [n_features], max(samples), 1e6)
    ranges.refuse_outside("scale", [scale], 0.8, 1)
    ranges.refuse_outside("minimised", [minimised], 0, 20)


def table(
    samples: list[Count], n_features: Count, scale: Fraction, minimised: Count
) -> pd.DataFrame:
    """A row for each number of samples T."""
    return pd.DataFrame([_row(T, n_features, scale, minimised) for T in samples])


def _row(T: int, n_features: int, scale: float, minimised: int) -> dict[str, float]:
    r, X = theory.polygon_radius(T), disjoint_samples(T, n_features)
    h = theory.regular_polygon(T, r)
    W, b = theory.memory_weights(h, X)
    scaled = theory.loss_on_samples(*theory.memory_weights(scale * h, X), X)
    frobenius = math.sqrt((W**2).sum())
    return {
        "samples": T,
        "radius": r,
        "beta": r**2 - 1,
        "frobenius": frobenius,
        "bias_norm": math.sqrt((b**2).sum()),
        "loss": theory.loss_on_samples(W, b, X),
        "scaled_loss": scaled,
        "scaled_ratio": scaled / (2 * (1 - scale**2) ** 2),
        "least_norm": to_six_digits(least_norm(T) / frobenius) if minimised >= T else math.nan,
    }


def disjoint_samples(T: int, n_features: int) -> np.ndarray:
    """Samples [sample, feature] of length 1 without a common feature, with random values."""
    active = min(MOST_ACTIVE, n_features // T)
    words = philox.words(np.uint64(0), philox.FINITE_SET, 0, T, T * active)
    values = (words.reshape(T, active) + 0.5) * 2.0**-32
    X = np.zeros((T, n_features))
    X[np.arange(T)[:, None], np.arange(T * active).reshape(T, active)] = values
    return np.asarray(X / np.sqrt((X**2).sum(1, keepdims=True)))


def least_norm(T: int) -> float:
    """The smallest ‖W‖ in the plane with h_i . (h_i - h_j) >= 1, from random starts.

    Multipliers with a quadratic penalty (Nocedal and Wright 2006, chapter 17), by Levenberg and
    Marquardt's steps. The result is then scaled up until all conditions hold.
    """
    h = philox.normals(np.uint64(0), philox.INIT, T, (STARTS, T, 2)).astype(float) * T / 4
    multipliers = np.zeros((STARTS, T, T))
    for _ in range(ROUNDS):
        h = _minimised(h, multipliers)
        multipliers = np.maximum(multipliers + PENALTY * _short(h), 0)
    least = (1 - _short(h)).min((1, 2))
    norms = np.sqrt((h**2).sum((1, 2))[least > 0] / least[least > 0])
    return float(norms.min())


def _short(h: np.ndarray) -> np.ndarray:
    """1 - h_i . (h_i - h_j) [start, i, j]; -inf for i = j."""
    products = (h[:, :, None] * h[:, None]).sum(-1)
    short = 1 - np.einsum("sii->si", products)[:, :, None] + products
    return np.where(np.eye(h.shape[1], dtype=bool), -np.inf, short)


def _minimised(h: np.ndarray, multipliers: np.ndarray) -> np.ndarray:
    """Points near the minimum of ‖h‖² + PENALTY sum [short + multiplier / PENALTY]_+², a sum of squares."""
    damping = np.ones(len(h))
    size = h[0].size
    value, gradient, hessian = _expanded(h, multipliers)
    for _ in range(STEPS):
        damped = hessian + damping[:, None, None] * np.eye(size)
        tried = h - np.linalg.solve(damped, gradient[..., None])[..., 0].reshape(h.shape)
        new = _expanded(tried, multipliers)
        better = new[0] < value
        damping *= np.where(better, 0.3, 4.0)
        h = np.where(better[:, None, None], tried, h)
        value, gradient, hessian = (
            np.where(better.reshape(-1, *[1] * (old.ndim - 1)), of, old)
            for of, old in zip(new, (value, gradient, hessian), strict=True)
        )
    return h


def _expanded(h: np.ndarray, multipliers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The value [start], half its gradient [start, x] and half Gauss and Newton's second derivatives."""
    T = h.shape[1]
    missing = np.maximum(_short(h) + multipliers / PENALTY, 0)
    eye = np.eye(T)
    by_h = -(2 * h[:, :, None] - h[:, None])[:, :, :, None] * eye[:, None, :, None]
    by_h = by_h + h[:, :, None, None] * eye[:, :, None]
    by_h = (by_h * (missing > 0)[..., None, None]).reshape(len(h), T * T, -1)
    flat = missing.reshape(len(h), -1, 1)
    value = (h**2).sum((1, 2)) + PENALTY * (missing**2).sum((1, 2))
    gradient = h.reshape(len(h), -1) + PENALTY * (by_h * flat).sum(1)
    hessian = np.eye(2 * T) + PENALTY * np.swapaxes(by_h, 1, 2) @ by_h
    return value, gradient, hessian
