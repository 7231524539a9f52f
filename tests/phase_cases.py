"""Phase diagrams whose runs are made by hand: each in the phase that theory predicts."""

import numpy as np
import pandas as pd
from made_tables import runs

from superpos.metrics import feature_phases
from superpos.tables import Tables

DENSITY = np.round(np.geomspace(0.01, 1, 11), 6)
IMPORTANCE = np.round(np.geomspace(0.1, 10, 9), 6)


def diagram(
    n_features: int, n_hidden: int, theory=None, change=None, replicates: int = 1,
    grid=(DENSITY, IMPORTANCE),
):  # fmt: skip
    """Tables of a `grid` of densities and importances; `change(p, r, replicate, W)` may put other weights."""
    points = [(p, r, k) for p in grid[0] for r in grid[1] for k in range(replicates)]
    W = np.stack(
        [_weights(n_features, n_hidden, *map(float, at[:2]), at[2], change) for at in points]
    )
    p, r, k = (np.array(column) for column in zip(*points, strict=True))
    importance = np.c_[np.ones((len(r), n_features - 1)), r]
    shared = {
        "experiment": {2: "F5", 3: "F6"}[n_features],
        "condition": [f"density={p:g},importance.last={r:g}" for p, r, _ in points],
        **{"replicate": k, "model": "relu_output", "density": p, "rank": k, "loss": 1.0 + k},
        "importance_last": r,
    }
    return Tables(*runs(W, 0.0, importance, shared, {}), theory=theory or {})


def ideal(n_features: int, n_hidden: int, p: float, r: float) -> np.ndarray:
    """W of theory's phase."""
    phase = feature_phases.NAMES[
        int(feature_phases.predicted(n_features, n_hidden, np.array(r), np.array(p)))
    ]
    return feature_phases.configurations(n_features, n_hidden)[phase][0]


def optimum(n_features: int, n_hidden: int) -> pd.DataFrame:
    """A table of the exact optimum, with the ideal weights."""
    grid = [(p, r) for p in DENSITY for r in IMPORTANCE]
    W = np.array([ideal(n_features, n_hidden, p, r) for p, r in grid])
    return pd.DataFrame(
        {
            "density": [p for p, _ in grid],
            "importance": [r for _, r in grid],
            "loss": 1.0,
            "feature_norm": np.sqrt((W[:, -1] ** 2).sum(1)),
            "superposition": ((W[:, :-1] @ W[:, -1, :, None]) ** 2).sum((1, 2)),
            "phase": feature_phases.nearest_phase(W),
            "W": [w.ravel().tolist() for w in W],
            "b": [[0.0] * n_features for _ in W],
        }
    )


def _weights(n_features, n_hidden, p, r, k, change):
    W = ideal(n_features, n_hidden, p, r)
    return W if change is None else change(p, r, k, W)
