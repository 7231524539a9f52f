"""Tables some of whose runs diverged, for the tests of what reads them."""

import numpy as np
import pandas as pd

from superpos.config.condition_table import RUN
from superpos.tables import Tables


def diverged(tables: Tables, chosen: np.ndarray) -> Tables:
    """The same tables as training would leave them if the chosen runs, [run], had diverged."""
    names = pd.MultiIndex.from_frame(tables.runs.loc[chosen, RUN])
    parts = []
    for table in (tables.runs, tables.features):
        bad = pd.MultiIndex.from_frame(table[RUN]).isin(names)
        parts.append(pd.DataFrame({name: _blank(name, table[name], bad) for name in table}))
    runs, features = parts
    return Tables(runs, features, tables._history, tables._checkpoints, tables.theory)


KEPT = (*RUN, "n_features", "n_hidden", "density", "importance", "feature", "feature_density")
"""Numbers that do not come from training."""


def _blank(name: str, column: pd.Series, bad: np.ndarray) -> pd.Series:
    if name == "rank":
        return column.where(~bad, -1)
    if name in ("W", "W_out"):
        weights = [np.full_like(w, np.nan) if b else w for w, b in zip(column, bad, strict=True)]
        return pd.Series(weights, column.index)
    trained = column.dtype.kind in "fi" and not name.startswith(KEPT)
    return column.where(~bad, np.nan) if trained else column


def best_of_the_first(tables: Tables) -> np.ndarray:
    """The best run of the first condition, [run]."""
    first = tables.runs[list(RUN[:2])].eq(tables.runs.iloc[0][list(RUN[:2])]).all(axis=1)
    return (first & (tables.runs["rank"] == 0)).to_numpy()


def ranked_again(tables: Tables) -> Tables:
    """The tables with the ranks that are left counted from 0."""
    for table in (tables.runs, tables.features):
        left = table["rank"].where(table["rank"] >= 0)
        dense = left.groupby([table[c] for c in RUN[:2]]).rank(method="dense") - 1
        table["rank"] = dense.fillna(-1).astype(int)
    return tables
