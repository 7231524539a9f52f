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
    W = np.asarray(W, float)[None]
    shared = {
        **{"experiment": experiment, "condition": f"model={model},density={density:g}"},
        **{"replicate": replicate, "model": model, "density": density, "rank": rank, "loss": loss},
    }
    more = {} if W_out is None else {"W_out": np.asarray(W_out, float).tolist()}
    importance = np.broadcast_to(importance, W.shape[1])[None]
    return runs(W, b, importance, {k: [v] for k, v in shared.items()}, more | (columns or {}))


def runs(W, b, importance, shared, columns):
    """The rows of runs W [run, feature, hidden] of the two tables: (runs, features).

    importance [run, feature]; shared: columns of both tables [run]; columns: those of the features.
    """
    count, n, m = W.shape
    given = {"W": W, "importance": importance}
    values = metrics.compute(computable(set(given)), given)
    fixed = {"n_features": n, "n_hidden": m, "schedule": "cosine", "steps": 1000}
    table = pd.DataFrame({**shared, "selection_loss": shared["loss"]}).assign(**fixed)
    each = table.loc[table.index.repeat(n)].reset_index(drop=True)
    features = {
        "feature": np.tile(np.arange(n), count),
        "importance": importance.ravel(),
        "feature_density": each["density"],
        "bias": np.broadcast_to(b, (count, n)).ravel(),
        "W": W.reshape(-1, m).tolist(),
        **columns,
    }
    a_run = pd.DataFrame({k: v for k, v in values.items() if v.ndim == 1})
    a_feature = pd.DataFrame(features | {k: v.ravel() for k, v in values.items() if v.ndim == 2})
    return pd.concat([table, a_run], axis=1), pd.concat([a_feature, each], axis=1)


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
