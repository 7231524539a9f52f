"""The tables that metrics and theory leave and that claims and figures read."""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from superpos.config.condition_table import RUN
from superpos.numerics.divergence import describe_diverged


class Tables:
    """What metrics and theory leave. Each selection keeps the rows that it names of every table.

    `runs`: a row a run; `features`: a row a run and feature; `history`: a row a run and recorded
    step, with the minibatch `loss`; `checkpoints`: a row a run, checkpoint `step` and feature, with
    the held-out `loss` of the run at that step. All have the columns experiment, condition and
    replicate. `theory`: the tables of the config's theory lines, by name. `experiments`: the
    resolved blocks (`config.Experiment`) that the runs come from, as far as they are known.
    """

    def __init__(
        self,
        runs: pd.DataFrame,
        features: pd.DataFrame,
        history: pd.DataFrame | None = None,
        checkpoints: pd.DataFrame | None = None,
        theory: Mapping[str, pd.DataFrame] | None = None,
        experiments: Mapping[str, Any] | None = None,
    ) -> None:
        self.runs, self.features = runs, features
        self.theory: Mapping[str, pd.DataFrame] = {} if theory is None else theory
        self.experiments: Mapping[str, Any] = experiments or {}
        # These are long, and few readers want them: they are narrowed when they are asked for.
        self._history, self._checkpoints = history, checkpoints

    @cached_property
    def history(self) -> pd.DataFrame:
        """The minibatch losses of these runs."""
        return _of_runs(self._history, self.runs)

    @cached_property
    def checkpoints(self) -> pd.DataFrame:
        """These runs at their checkpoints."""
        return _of_runs(self._checkpoints, self.runs)

    @cached_property
    def by_density(self) -> list["Tables"]:
        """The tables of each density, from dense to sparse."""
        return self._split("density")[::-1]

    @cached_property
    def by_replicate(self) -> list["Tables"]:
        """The tables of each replicate of every condition."""
        return self._split("replicate")

    def best(self) -> "Tables":
        """The run of lowest held-out loss of each condition; none of one whose runs all diverged."""
        return self._rows(lambda table: table["rank"] == 0)

    def sound(self) -> "Tables":
        """The runs that did not diverge: those with a held-out loss."""
        return self._rows(lambda table: table["loss"].notna())

    @property
    def diverged(self) -> np.ndarray:
        """Which runs diverged, [run]."""
        runs = self.runs
        return runs["loss"].isna().to_numpy() if "loss" in runs else np.zeros(len(runs), bool)

    def divergence(self) -> list[str]:
        """How many runs diverged, in words, of each experiment of which any did."""
        parts = pd.Series(self.diverged).groupby(self.runs["experiment"].to_numpy(), sort=False)
        return [f"{name}: {describe_diverged(bad.to_numpy())}" for name, bad in parts if bad.any()]

    def lost(self) -> list[str]:
        """The conditions of which every run diverged."""
        if not self.diverged.any():
            return []
        names = [self.runs[column].to_numpy() for column in RUN[:2]]
        every = pd.Series(self.diverged).groupby(names, sort=False).all()
        return [" ".join(map(str, name)) for name in every[every].index]

    def of(self, *experiments: str) -> "Tables":
        """The runs of the experiments."""
        return self._rows(lambda table: table["experiment"].isin(experiments))

    def replicate(self, k: int) -> "Tables":
        """The k-th replicate of every condition."""
        return self._rows(lambda table: table["replicate"] == k)

    def without(self, conditions: Mapping[str, Collection[str]]) -> "Tables":
        """The runs of other conditions than these, which are given by experiment."""
        left = self
        for experiment, slugs in conditions.items():
            left = left._rows(partial(_is_not_of, experiment=experiment, slugs=slugs))
        return left

    def where(self, **values: Any) -> "Tables":
        """The runs whose columns have these values; to six significant digits if none is equal."""
        selected = self
        for column, value in values.items():
            selected = selected._where(column, value)
        return selected

    @property
    def _others(self) -> tuple[Any, ...]:
        """What every selection keeps as it is."""
        return self._history, self._checkpoints, self.theory, self.experiments

    def _split(self, column: str) -> list["Tables"]:
        """The tables of each value of a column, ascending: slices, which copy nothing."""
        tables = [t.sort_values(column, kind="stable") for t in (self.runs, self.features)]
        values = np.unique(tables[0][column])
        cuts = [
            zip(
                t[column].searchsorted(values), t[column].searchsorted(values, "right"), strict=True
            )
            for t in tables
        ]
        return [
            Tables(tables[0][a:b], tables[1][c:d], *self._others)
            for (a, b), (c, d) in zip(*cuts, strict=True)
        ]

    def _where(self, column: str, value: Any) -> "Tables":
        return self._rows(lambda table: _equal(table[column], value))

    def _rows(self, mask: Callable[[pd.DataFrame], pd.Series]) -> "Tables":
        runs, features = self.runs[mask(self.runs)], self.features[mask(self.features)]
        return Tables(runs, features, *self._others)


def _of_runs(table: pd.DataFrame | None, runs: pd.DataFrame) -> pd.DataFrame:
    """The rows of these runs. Column by column first: that is fast, and leaves few to look up."""
    if table is None:
        return pd.DataFrame(columns=RUN)
    for column in RUN:
        table = table[table[column].isin(runs[column].unique())]
    return table[pd.MultiIndex.from_frame(table[RUN]).isin(pd.MultiIndex.from_frame(runs[RUN]))]


def _is_not_of(table: pd.DataFrame, experiment: str, slugs: Collection[str]) -> pd.Series:
    return (table["experiment"] != experiment) | ~table["condition"].isin(slugs)


def _equal(column: pd.Series, value: Any) -> pd.Series:
    equal = column == value
    if isinstance(value, float) and not equal.any():
        close = np.isclose(column.astype(float), value, rtol=1e-6, atol=0)
        return pd.Series(close, index=column.index)
    return equal
