"""The tables that metrics and theory write and that claims and figures read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.config.condition_table import RUN
from superpos.numerics.divergence import describe_diverged

if TYPE_CHECKING:
    from jaxtyping import Bool, Int

    from superpos.config.experiments import Experiment

Value = float | int | str | bool
"""What a column may be selected by."""


class Tables:
    """The tables of some runs. A selection keeps the rows of its runs in every table.

    `runs` has one row per run; `features` one per run and feature; `history` one per run and recorded
    step, with the minibatch `loss`; `checkpoints` one per run, checkpoint `step` and feature, with the
    run's held-out `loss` at that step. All have the columns experiment, condition and replicate.
    `theory` holds the tables of the config's theory lines by name, `experiments` the resolved blocks
    that the runs come from, as far as they are known.
    """

    def __init__(
        self,
        runs: pd.DataFrame,
        features: pd.DataFrame,
        history: pd.DataFrame | None = None,
        checkpoints: pd.DataFrame | None = None,
        theory: Mapping[str, pd.DataFrame] | None = None,
        experiments: Mapping[str, Experiment] | None = None,
    ) -> None:
        self.runs, self.features = runs, features
        self.theory: Mapping[str, pd.DataFrame] = {} if theory is None else theory
        self.experiments: Mapping[str, Experiment] = experiments or {}
        # These tables are long and seldom read, so a selection is applied to them only when they
        # are read.
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
    def by_density(self) -> list[Tables]:
        """The tables of each density, from dense to sparse."""
        return self._split("density")[::-1]

    @cached_property
    def by_replicate(self) -> list[Tables]:
        """The tables of each replicate of every condition."""
        return self._split("replicate")

    def best(self) -> Tables:
        """Each condition's run of lowest held-out loss; none for a condition whose runs all diverged."""
        return self._rows(lambda table: table["rank"] == 0)

    def sound(self) -> Tables:
        """The runs that did not diverge: those with a held-out loss."""
        return self._rows(lambda table: table["loss"].notna())

    @property
    def diverged(self) -> Bool[np.ndarray, " run"]:
        """Which runs diverged."""
        runs = self.runs
        return runs["loss"].isna().to_numpy() if "loss" in runs else np.zeros(len(runs), bool)

    def divergence(self) -> list[str]:
        """For each experiment with diverged runs, how many diverged, in words."""
        parts = pd.Series(self.diverged).groupby(self.runs["experiment"].to_numpy(), sort=False)
        return [f"{name}: {describe_diverged(bad.to_numpy())}" for name, bad in parts if bad.any()]

    def lost(self) -> list[str]:
        """The conditions whose runs all diverged."""
        if not self.diverged.any():
            return []
        names = [self.runs[column].to_numpy() for column in RUN[:2]]
        every = pd.Series(self.diverged).groupby(names, sort=False).all()
        return [" ".join(map(str, name)) for name in every[every].index]

    def of(self, *experiments: str) -> Tables:
        """The runs of these experiments."""
        return self._rows(lambda table: table["experiment"].isin(experiments))

    def replicate(self, k: int) -> Tables:
        """The k-th replicate of every condition."""
        return self._rows(lambda table: table["replicate"] == k)

    def chosen(self, kept: Bool[np.ndarray, " run"]) -> Tables:
        """The runs of a mask, each as the best of its condition."""
        runs, features = self.runs[kept], self.features[kept[self._run_of_feature]]
        return self._with(runs.assign(rank=0), features.assign(rank=0))

    @cached_property
    def _run_of_feature(self) -> Int[np.ndarray, " row"]:
        """The row in `runs` of each row of `features`."""
        runs, features = (pd.MultiIndex.from_frame(t[RUN]) for t in (self.runs, self.features))
        found: np.ndarray = runs.get_indexer(features)
        return found

    def without(self, conditions: Mapping[str, Collection[str]]) -> Tables:
        """The runs of all conditions except these, which are given by experiment."""
        left = self
        for experiment, slugs in conditions.items():
            left = left._rows(partial(_is_not_of, experiment=experiment, slugs=slugs))
        return left

    def where(self, **values: Value) -> Tables:
        """The runs whose columns equal these values, or agree to six significant digits if none does."""
        selected = self
        for column, value in values.items():
            selected = selected._where(column, value)
        return selected

    def _with(self, runs: pd.DataFrame, features: pd.DataFrame) -> Tables:
        """These runs and features, with the other tables as they are."""
        others = self._history, self._checkpoints, self.theory, self.experiments
        return Tables(runs, features, *others)

    def _split(self, column: str) -> list[Tables]:
        """The tables of each value of a column, ascending. They are slices, which copy nothing."""
        tables = [t.sort_values(column, kind="stable") for t in (self.runs, self.features)]
        values = np.unique(tables[0][column])
        cuts = [
            zip(
                t[column].searchsorted(values), t[column].searchsorted(values, "right"), strict=True
            )
            for t in tables
        ]
        return [
            self._with(tables[0][a:b], tables[1][c:d]) for (a, b), (c, d) in zip(*cuts, strict=True)
        ]

    def _where(self, column: str, value: Value) -> Tables:
        return self._rows(lambda table: _equal(table[column], value))

    def _rows(self, mask: Callable[[pd.DataFrame], pd.Series]) -> Tables:
        return self._with(self.runs[mask(self.runs)], self.features[mask(self.features)])


def _of_runs(table: pd.DataFrame | None, runs: pd.DataFrame) -> pd.DataFrame:
    """The rows of these runs. Selecting column by column first is fast and leaves few to look up."""
    if table is None:
        return pd.DataFrame(columns=RUN)
    for column in RUN:
        table = table[table[column].isin(runs[column].unique())]
    return table[pd.MultiIndex.from_frame(table[RUN]).isin(pd.MultiIndex.from_frame(runs[RUN]))]


def _is_not_of(table: pd.DataFrame, experiment: str, slugs: Collection[str]) -> pd.Series:
    return (table["experiment"] != experiment) | ~table["condition"].isin(slugs)


def _equal(column: pd.Series, value: Value) -> pd.Series:
    equal = column == value
    if isinstance(value, float) and not equal.any():
        close = np.isclose(column.astype(float), value, rtol=1e-6, atol=0)
        return pd.Series(close, index=column.index)
    return equal
