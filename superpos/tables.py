"""The tables that metrics and theory leave and that claims and figures read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

RUN = ["experiment", "condition", "replicate"]
"""The columns that name a run."""


@dataclass(frozen=True)
class Tables:
    """What metrics and theory leave. Each selection keeps the rows that it names of every table.

    `runs`: a row a run; `features`: a row a run and feature; `history`: a row a run and recorded
    step, with the minibatch `loss`; `checkpoints`: a row a run, checkpoint `step` and feature, with
    the held-out `loss` of the run at that step. All have the columns experiment, condition and
    replicate. `theory`: the tables of the config's theory lines, by name.
    """

    runs: pd.DataFrame
    features: pd.DataFrame
    history: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=RUN))
    checkpoints: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=RUN))
    theory: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def best(self) -> "Tables":
        """The run of lowest held-out loss of each condition."""
        return self._rows(lambda table: table["rank"] == 0)

    def of(self, *experiments: str) -> "Tables":
        """The runs of the experiments."""
        return self._rows(lambda table: table["experiment"].isin(experiments))

    def replicate(self, k: int) -> "Tables":
        """The k-th replicate of every condition."""
        return self._rows(lambda table: table["replicate"] == k)

    def where(self, **values: Any) -> "Tables":
        """The runs whose columns have these values; numbers to six significant digits."""
        selected = self
        for column, value in values.items():
            selected = selected._where(column, value)
        return selected

    def _where(self, column: str, value: Any) -> "Tables":
        return self._rows(lambda table: _equal(table[column], value))

    def _rows(self, mask: Callable[[pd.DataFrame], pd.Series]) -> "Tables":
        runs, features = self.runs[mask(self.runs)], self.features[mask(self.features)]
        history, checkpoints = (_of_runs(t, runs) for t in (self.history, self.checkpoints))
        return Tables(runs, features, history, checkpoints, self.theory)


def _of_runs(table: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The rows of these runs. Column by column first: that is fast, and leaves few to look up."""
    for column in RUN:
        table = table[table[column].isin(runs[column].unique())]
    return table[pd.MultiIndex.from_frame(table[RUN]).isin(pd.MultiIndex.from_frame(runs[RUN]))]


def _equal(column: pd.Series, value: Any) -> pd.Series:
    if isinstance(value, float):
        close = np.isclose(column.astype(float), value, rtol=1e-6, atol=0)
        return pd.Series(close, index=column.index)
    return column == value
