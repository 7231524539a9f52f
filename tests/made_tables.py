"""Tables of runs whose weights are made by hand, for the tests of claims and figures."""

import inspect

import numpy as np
import pandas as pd

from superpos import metrics
from superpos.tables import Tables
from superpos.verdicts import judging
from superpos.verdicts.outcomes import HOLDS


def run(
    W, b, *, experiment, density, importance, model="relu_output", replicate=0, rank=0, loss=1.0,
    W_out=None, columns=None,
):  # fmt: skip
    """One run's rows of the two tables: (runs, features); `columns` go to the features as given."""
    W, n = np.asarray(W, float), len(W)
    given = {"W": W[None], "importance": np.broadcast_to(importance, n)[None]}
    values = metrics.compute(computable(set(given)), given)
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
        "schedule": "cosine",
        "steps": 1000,
    }
    a_run = {k: v[0] for k, v in values.items() if v.ndim == 1}
    a_feature = {k: v[0] for k, v in values.items() if v.ndim == 2}
    features = {
        "feature": np.arange(n),
        "importance": np.broadcast_to(importance, n),
        "feature_density": np.full(n, density),
        "bias": np.broadcast_to(b, n),
        "W": W.tolist(),
        **({} if W_out is None else {"W_out": np.asarray(W_out, float).tolist()}),
        **(columns or {}),
    }
    runs = pd.DataFrame([shared | a_run])
    return runs, pd.DataFrame(features | a_feature).assign(**shared)


def computable(given: set[str]) -> list[str]:
    """The metrics that need no other array than the given ones."""
    return [
        n for n in metrics.names() if set(inspect.signature(metrics.find(n)).parameters) <= given
    ]


def tables(rows) -> Tables:
    """The tables of such runs."""
    runs, features = zip(*rows, strict=True)
    return Tables(pd.concat(runs, ignore_index=True), pd.concat(features, ignore_index=True))


def judged(tables: Tables) -> pd.DataFrame:
    """The verdicts on the claims about tables, by claim, and whether each `holds`."""
    table = judging.evaluate(tables).set_index("claim")
    return table.assign(holds=table["verdict"] == HOLDS)


def packed(n: int, m: int, alone: int) -> np.ndarray:
    """W [feature, hidden]: `alone` dedicated features, then antipodal pairs, then nothing."""
    W = np.zeros((n, m))
    for i in range(alone):
        W[i, i] = 1
    for d in range(alone, m):
        W[2 * d - alone, d], W[2 * d - alone + 1, d] = 1, -1
    return W
