"""The exact optimum over the phase diagrams, with free weights and biases and without training.

At each point of the grid the loss is minimised from the configurations that theory compares and from
random weights, and the smallest minimum counts. Section "Superposition as a Phase Change".
"""

from typing import Any

import numpy as np
import pandas as pd

from superpos.config import ranges
from superpos.config.grids import expand
from superpos.metrics import feature_phases
from superpos.metrics.geometry import feature_norm, superposition
from superpos.numerics import philox
from superpos.theory import quadrature

RANDOM_STARTS = 6
SMALLEST_DENSITY = 1e-9
NUDGE = 0.1
"""A start is moved this far away from its configuration, which may be a saddle."""


def check(n_features: int, n_hidden: int, density: Any, importance: Any) -> None:
    """Raise a ValueError if the shape's phases have no names, or the grid is out of range or too large."""
    if (n_features, n_hidden) not in feature_phases.CONFIGURATIONS:
        shapes = ", ".join(f"{n} and {m}" for n, m in feature_phases.CONFIGURATIONS)
        raise ValueError(f"n_features and n_hidden: {n_features} and {n_hidden}; give {shapes}")
    densities = ranges.axis("density", density, SMALLEST_DENSITY, 1)
    ranges.few(densities * ranges.axis("importance", importance, 0, 1e9))


def table(n_features: int, n_hidden: int, density: Any, importance: Any) -> pd.DataFrame:
    """A row for each point, with the columns density, importance of the last feature, loss, W and b.

    feature_norm and superposition are those of the last feature; phase is the index of the nearest
    configuration in `superpos.metrics.feature_phases.NAMES`.
    """
    grid = [(p, r) for p in expand("density", density) for r in expand("importance", importance)]
    starts = _starts(n_features, n_hidden)
    found = [_optimum(starts, n_features, n_hidden, p, r) for p, r in grid]
    W = np.array([w for _, w, _ in found])
    return pd.DataFrame(
        {
            "density": [p for p, _ in grid],
            "importance": [r for _, r in grid],
            "loss": [value for value, _, _ in found],
            "feature_norm": feature_norm(W)[:, -1],
            "superposition": superposition(W)[:, -1],
            "phase": feature_phases.nearest_phase(W),
            "W": [w.ravel().tolist() for w in W],
            "b": [b.tolist() for _, _, b in found],
        }
    )


def _optimum(
    starts: np.ndarray, n_features: int, n_hidden: int, p: float, r: float
) -> tuple[float, np.ndarray, np.ndarray]:
    importance = np.r_[np.ones(n_features - 1), r]
    value, theta = quadrature.minimize(starts, n_hidden, importance, p)
    size = n_features * n_hidden
    return value, theta[:size].reshape(n_features, n_hidden), theta[size:]


def _starts(n_features: int, n_hidden: int) -> np.ndarray:
    """[start, parameter]: each configuration, nudged in both directions, and random weights, with b = 0."""
    shape = (n_features, n_hidden)
    known = [v for of in feature_phases.configurations(*shape).values() for v in of]
    noise = [
        philox.normals(np.uint64(0), philox.INIT, k, shape).astype(float)
        for k in range(RANDOM_STARTS)
    ]
    W = [v + side * NUDGE for v in known for side in (-1, 1)] + noise
    return np.array([np.r_[w.ravel(), np.zeros(n_features)] for w in W])
