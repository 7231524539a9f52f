"""The two tables that metrics leave and that claims and figures read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Tables:
    """`runs`, a row a run, and `features`, a row a run and feature; both have the run's columns.

    Each selection keeps the rows of both tables that it names.
    """

    runs: pd.DataFrame
    features: pd.DataFrame

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
        return Tables(self.runs[mask(self.runs)], self.features[mask(self.features)])


def _equal(column: pd.Series, value: Any) -> pd.Series:
    if isinstance(value, float):
        close = np.isclose(column.astype(float), value, rtol=1e-6, atol=0)
        return pd.Series(close, index=column.index)
    return column == value
