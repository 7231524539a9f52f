"""Adam on a loss averaged over features, against Adam on their sum with an epsilon n times as large.

The two are the same in exact arithmetic: Adam's step m / (√v + eps) stays when loss and eps are multiplied
by one number. The columns are n_features, density, samples, steps, lr, eps, scaled_eps (n eps); difference,
the largest relative difference of a weight or bias after those steps; same_eps, the difference if both
losses use eps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.config import ranges
from superpos.config.condition import Count, Fraction, Positive
from superpos.numerics import philox

if TYPE_CHECKING:
    from jaxtyping import Float

BETAS = 0.9, 0.999
HIDDEN = 2


def check(n_features: int, density: float, samples: int, steps: int, lr: float, eps: float) -> None:
    """Raise a ValueError if the loops would take minutes."""
    ranges.few(n_features * samples * steps // 100)


def table(
    n_features: Count, density: Fraction, samples: Count, steps: Count, lr: Positive, eps: Positive
) -> pd.DataFrame:
    """One row."""
    X, W = _start(n_features, density, samples)
    mean = trained(W, X, steps, lr, eps, 1 / n_features)
    scaled = trained(W, X, steps, lr, eps * n_features, 1.0)
    same = trained(W, X, steps, lr, eps, 1.0)
    settings = {"n_features": n_features, "density": density, "samples": samples, "steps": steps}
    found = {"difference": _apart(mean, scaled), "same_eps": _apart(mean, same)}
    return pd.DataFrame(
        [{**settings, "lr": lr, "eps": eps, "scaled_eps": eps * n_features, **found}]
    )


def _start(n: int, p: float, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples of length 1, with one feature turned on in those that would be empty, and Xavier's W."""
    words = philox.words(np.uint64(0), philox.FINITE_SET, 0, 0, samples * n).reshape(samples, n)
    uniform = (words + 0.5) * 2.0**-32
    X = np.where(uniform < p, uniform / p, 0)
    X[np.arange(samples), uniform.argmin(1)] += 1e-3
    W = philox.normals(np.uint64(0), philox.INIT, 0, (n, HIDDEN)) * (2 / (n + HIDDEN)) ** 0.5
    return X / np.sqrt((X**2).sum(1, keepdims=True)), W.astype(float)


def trained(
    W: Float[np.ndarray, "feature hidden"],
    X: Float[np.ndarray, "sample feature"],
    steps: int,
    lr: float,
    eps: float,
    scale: float,
) -> Float[np.ndarray, "feature parameter"]:
    """W and b, a column each, after full-batch Adam on `scale` times the loss summed over features."""
    theta = np.column_stack([W, np.zeros(len(W))])
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, steps + 1):
        g = scale * gradient(theta, X)
        m = BETAS[0] * m + (1 - BETAS[0]) * g
        v = BETAS[1] * v + (1 - BETAS[1]) * g**2
        root = np.sqrt(v / (1 - BETAS[1] ** step))
        theta = theta - lr * m / (1 - BETAS[0] ** step) / (root + eps)
    return theta


def gradient(
    theta: Float[np.ndarray, "feature parameter"], X: Float[np.ndarray, "sample feature"]
) -> Float[np.ndarray, "feature parameter"]:
    """The gradient of the mean over samples of ‖x - ReLU(W h + b)‖² with h = W^T x."""
    W, b = theta[:, :HIDDEN], theta[:, HIDDEN]
    h = X @ W
    output = np.maximum(h @ W.T + b, 0)
    by_z = 2 / len(X) * np.where(output > 0, output - X, 0)
    return np.column_stack([by_z.T @ h + X.T @ (by_z @ W), by_z.sum(0)])


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    """The largest relative difference, |a - b| / |b|."""
    return float((np.abs(a - b) / np.abs(b)).max())
