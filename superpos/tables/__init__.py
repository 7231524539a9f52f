"""The tables that metrics and theory write and that claims and figures read."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection, Mapping
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from superpos import lookup
from superpos.config.condition_table import RUN
from superpos.numerics.diverged_runs import describe_diverged

if TYPE_CHECKING:
    from jaxtyping import Bool, Int

    from superpos.config.experiments import Experiment

OF_FEATURES = ("importance",)
"""Columns of `runs` whose values in `features` are each feature's own."""
Value = float | int | str | bool
"""A value by which rows may be selected."""
Rows: TypeAlias = pd.DataFrame | Callable[[], pd.DataFrame]
"""A table, or a function that reads it on first use, because most readers need only a few of the tables."""


class Tables:
    """The tables of some runs. A selection keeps the rows of its runs in every table.

    `runs` has one row per run; `features` one per run and feature; `samples` one per run and `sample` of
    its finite training set, with the hidden vector `h`; `history` one per run and recorded step, with
    the minibatch `loss`; `checkpoints` one per run, checkpoint `step` and feature, with the run's
    held-out `loss` at that step. All have the columns experiment, condition and replicate.
    `theory` holds the tables of the config's theory lines by name, `experiments` the resolved blocks
    that the runs come from, as far as they are known.
    """

    def __init__(
        self,
        runs: pd.DataFrame,
        features: Rows,
        history: Rows | None = None,
        checkpoints: Rows | None = None,
        theory: Mapping[str, pd.DataFrame] | None = None,
        experiments: Mapping[str, Experiment] | None = None,
        samples: Rows | None = None,
    ) -> None:
        self.runs, self._features = runs, features
        self.theory: Mapping[str, pd.DataFrame] = {} if theory is None else theory
        self.experiments: Mapping[str, Experiment] = experiments or {}
        self._history, self._checkpoints, self._samples = history, checkpoints, samples

    @cached_property
    def features(self) -> pd.DataFrame:
        """The rows of `features` for these runs."""
        return _read(self._features)

    @cached_property
    def samples(self) -> pd.DataFrame:
        """The rows of `samples` for these runs: one for each sample of a run's training set."""
        return _of_runs(self._samples, self.runs)

    @cached_property
    def history(self) -> pd.DataFrame:
        """The minibatch losses of these runs."""
        return _of_runs(self._history, self.runs)

    @cached_property
    def checkpoints(self) -> pd.DataFrame:
        """The rows of `checkpoints` for these runs."""
        return _of_runs(self._checkpoints, self.runs)

    @cached_property
    def by_density(self) -> list[Tables]:
        """The tables of each density, from dense to sparse."""
        return self._split("density")[::-1]

    @cached_property
    def by_replicate(self) -> list[Tables]:
        """The tables of each replicate of every condition."""
        return self._split("replicate")

    @cached_property
    def by_set(self) -> list[Tables]:
        """The tables of each training set, by its number."""
        return self._split("data_set")

    def best(self) -> Tables:
        """Each condition's run of lowest selection loss; none for a condition whose runs all diverged."""
        return self._rows(lambda table: table["rank"] == 0)

    def sound(self) -> Tables:
        """The runs that did not diverge: those with a held-out loss."""
        return self._rows(lambda table: table["loss"].notna())

    @cached_property
    def diverged(self) -> Bool[np.ndarray, " run"]:
        """Which runs diverged."""
        runs = self.runs
        loss = runs["loss"].to_numpy(float) if "loss" in runs else np.zeros(len(runs))
        return np.isnan(loss)

    @cached_property
    def names(self) -> set[str]:
        """The names of the experiments that the runs come from."""
        return set(self.runs["experiment"].tolist())

    def divergence(self) -> list[str]:
        """For each experiment with diverged runs, how many diverged, in words."""
        if not self.diverged.any():
            return []
        parts = pd.Series(self.diverged).groupby(self.runs["experiment"].to_numpy(), sort=False)
        return [f"{name}: {describe_diverged(bad.to_numpy())}" for name, bad in parts if bad.any()]

    def lost(self) -> list[str]:
        """The conditions whose runs all diverged."""
        return self._ended(self.diverged)

    def without_best(self) -> list[str]:
        """The conditions whose runs all diverged, apart from those that `best_of` leaves out."""
        if not self.diverged.any():
            return []
        return self._ended(self.diverged | (self.runs["rank"].to_numpy() < 0))

    def _ended(self, gone: Bool[np.ndarray, " run"]) -> list[str]:
        """The conditions with a diverged run whose runs are all gone."""
        if not self.diverged.any():
            return []
        names = [self.runs[column].to_numpy() for column in RUN[:2]]
        by_condition = pd.DataFrame({"gone": gone, "diverged": self.diverged}).groupby(
            names, sort=False
        )
        ended = by_condition["gone"].all() & by_condition["diverged"].any()
        return [" ".join(map(str, name)) for name in ended[ended].index]

    def of(self, *experiments: str) -> Tables:
        """The runs of these experiments."""
        return self._rows(lambda table: table["experiment"].isin(experiments))

    def replicate(self, k: int) -> Tables:
        """The k-th replicate of every condition."""
        return self._rows(lambda table: table["replicate"] == k)

    def chosen(self, kept: Bool[np.ndarray, " run"]) -> Tables:
        """The runs that a mask selects, each as the best run of its condition."""
        return self._with(
            self.runs[kept].assign(rank=0),
            lambda: self.features[kept[self._run_of_feature]].assign(rank=0),
        )

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
        """The runs whose columns equal these values, or agree to six significant digits if none does.

        Raises a ValueError if `runs` has no such column, or if several values are given for one.
        """
        selected = self
        for column, value in values.items():
            lookup.refuse_unknown("column", column, list(self.runs))
            if np.ndim(value):
                kind = type(value).__name__
                raise ValueError(
                    f"{column}: an object of type {kind} is not one value; select by one at a time"
                )
            selected = selected._where(column, value)
        return selected

    def __repr__(self) -> str:
        names, conditions = sorted(self.names), self.runs["condition"].nunique()
        runs = "1 run" if len(self.runs) == 1 else f"{len(self.runs)} runs"
        lost = "".join(f"; {line}" for line in self.divergence())
        return (
            f"{type(self).__name__} of {', '.join(names) or 'nothing'}: {runs} of "
            f"{conditions} {'condition' if conditions == 1 else 'conditions'}{lost}"
        )

    def _repr_html_(self) -> str:
        """The same as HTML for a notebook, followed by the first runs."""
        return f"<p>{html.escape(repr(self))}</p>{self.runs.to_html(max_rows=10, max_cols=12)}"

    def __getstate__(self) -> dict[str, object]:
        """For pickle and copy: every table in full instead of the function that reads it."""
        state = {
            key: value
            for key, value in vars(self).items()
            if not isinstance(getattr(type(self), key, None), cached_property)
        }
        read = {"_features": self.features, "_samples": self.samples}
        read |= {"_history": self.history, "_checkpoints": self.checkpoints}
        return state | {key: table for key, table in read.items() if state[key] is not None}

    def _with(self, runs: pd.DataFrame, features: Rows) -> Tables:
        """Tables with these runs and features, and with the other tables unchanged."""
        others = (
            *(self._history, self._checkpoints, self.theory, self.experiments),
            self._samples,
        )
        return Tables(runs, features, *others)

    def _split(self, column: str) -> list[Tables]:
        """The tables of each value of a column, ascending. They are slices, which copy nothing."""
        values = np.unique(self.runs[column])
        features = cache(lambda: _parts(self.features, column, values))
        return [
            self._with(runs, partial(lambda place: features()[place], place))
            for place, runs in enumerate(_parts(self.runs, column, values))
        ]

    def _where(self, column: str, value: Value) -> Tables:
        kept = _equal(self.runs[column], value)

        def features() -> pd.DataFrame:
            table = self.features
            if column in table and column not in OF_FEATURES:
                return table[_equal(table[column], value)]
            return table[kept.to_numpy()[self._run_of_feature]]

        return self._with(self.runs[kept], features)

    def _rows(self, mask: Callable[[pd.DataFrame], pd.Series]) -> Tables:
        return self._with(self.runs[mask(self.runs)], lambda: self.features[mask(self.features)])


def _read(rows: Rows) -> pd.DataFrame:
    return rows() if callable(rows) else rows


def _parts(table: pd.DataFrame, column: str, values: np.ndarray) -> list[pd.DataFrame]:
    """The rows of each value of a column."""
    table = table.sort_values(column, kind="stable")
    sides: tuple[Literal["left", "right"], ...] = ("left", "right")
    cuts = (table[column].searchsorted(values, side) for side in sides)
    return [table[first:stop] for first, stop in zip(*cuts, strict=True)]


def _of_runs(rows: Rows | None, runs: pd.DataFrame) -> pd.DataFrame:
    """The rows of these runs. A fast selection by single columns comes first, to leave few rows to look
    up."""
    if rows is None:
        return pd.DataFrame(columns=RUN)
    table = _read(rows)
    for column in RUN:
        table = table[table[column].isin(runs[column].unique())]
    return table[pd.MultiIndex.from_frame(table[RUN]).isin(pd.MultiIndex.from_frame(runs[RUN]))]


def _is_not_of(table: pd.DataFrame, experiment: str, slugs: Collection[str]) -> pd.Series:
    return (table["experiment"] != experiment) | ~table["condition"].isin(slugs)


def _equal(column: pd.Series, value: Value) -> pd.Series:
    equal = column == value
    if (
        isinstance(value, float | np.floating)
        and pd.api.types.is_numeric_dtype(column)
        and not equal.any()
    ):
        close = np.isclose(column.astype(float), value, rtol=1e-6, atol=0)
        return pd.Series(close, index=column.index)
    return equal
