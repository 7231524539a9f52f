"""A metric reduced to one number per run, whether it is measured on runs, features or samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.config.condition_table import RUN
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Float

NAMES = {"loss": "held-out loss", "training_loss": "training loss"}


def of_runs(tables: Tables, metric: str) -> pd.Series:
    """The metric for each row of `runs`; a metric of features or samples is averaged over them.

    Raises a ValueError if there is no such number.
    """
    found = _found(tables, metric)
    if found is None or found.isna().all():
        raise ValueError(f"metric: {metric!r} was not measured on these runs, or is not a number")
    return found


def _found(tables: Tables, metric: str) -> pd.Series | None:
    if _is_number(tables.runs, metric):
        return tables.runs[metric].astype(float)
    for table in (tables.features, tables.samples):
        if _is_number(table, metric):
            means = table.groupby(RUN, observed=True)[metric].mean()
            rows = pd.MultiIndex.from_frame(tables.runs[RUN])
            return pd.Series(means.reindex(rows).to_numpy(float), tables.runs.index)
    return None


def metric_name(tables: Tables, metric: str) -> str:
    """What the metric is called: "held-out loss", or "feature norm, mean over features"."""
    said = NAMES.get(metric, metric.replace("_", " "))
    if metric in tables.runs:
        return said
    return f"{said}, mean over {'features' if metric in tables.features else 'samples'}"


def spans_decades(values: Float[np.ndarray, " ..."], decades: float = 1.3) -> bool:
    """Whether positive values are so far apart that a logarithmic axis shows them better."""
    low, high = np.nanmin(values), np.nanmax(values)
    return bool(low > 0 and np.log10(high / low) >= decades)


def _is_number(table: pd.DataFrame, metric: str) -> bool:
    return metric in table and pd.api.types.is_numeric_dtype(table[metric])
