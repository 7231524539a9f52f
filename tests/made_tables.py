"""Tables of runs whose weights are made by hand, for the tests of claims and figures."""

import inspect

import numpy as np
import pandas as pd

from superpos import metrics
from superpos.tables import Tables


def of_weights() -> list[str]:
    """The metrics that need W alone."""
    return [
        n for n in metrics.names() if set(inspect.signature(metrics.find(n)).parameters) == {"W"}
    ]


def run(
    W, b, *, experiment, density, importance, model="relu_output", replicate=0, rank=0, loss=1.0
):
    """One run's rows of the two tables: (runs, features)."""
    W, n = np.asarray(W, float), len(W)
    values = metrics.compute(of_weights(), {"W": W[None]})
    shared = {
        "experiment": experiment,
        "condition": f"model={model},density={density:g}",
        "replicate": replicate,
        "n_features": n,
        "n_hidden": W.shape[1],
        "model": model,
        "density": density,
        "loss": loss,
        "selection_loss": loss,
        "rank": rank,
    }
    a_run = {k: v[0] for k, v in values.items() if v.ndim == 1}
    a_feature = {k: v[0] for k, v in values.items() if v.ndim == 2}
    features = {
        "feature": np.arange(n),
        "importance": np.broadcast_to(importance, n),
        "feature_density": np.full(n, density),
        "bias": np.broadcast_to(b, n),
        "W": W.tolist(),
    }
    runs = pd.DataFrame([shared | a_run])
    return runs, pd.DataFrame(features | a_feature).assign(**shared)


def tables(rows) -> Tables:
    """The tables of such runs."""
    runs, features = zip(*rows, strict=True)
    return Tables(pd.concat(runs, ignore_index=True), pd.concat(features, ignore_index=True))


def packed(n: int, m: int, alone: int) -> np.ndarray:
    """W [feature, hidden]: `alone` dedicated features, then antipodal pairs, then nothing."""
    W = np.zeros((n, m))
    for i in range(alone):
        W[i, i] = 1
    for d in range(alone, m):
        W[2 * d - alone, d], W[2 * d - alone + 1, d] = 1, -1
    return W
