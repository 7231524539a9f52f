"""What `sweep` and `load` return: the tables of an experiment, and its models as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos import lookup
from superpos.api.models import Checkpoints, Models, plural
from superpos.config.condition import Condition
from superpos.config.condition_table import flat
from superpos.config.messages import one_line
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Float

MOST_SHOWN = 5
"""The number of conditions that a text names if there are more."""


class Results(Tables):
    """The tables of one experiment, and in `conditions` and `models` the entry for each condition's slug.

    `runs` has a column for each setting of the condition, such as `optimizer_lr`, so that runs of
    several experiments can be grouped by it.
    """

    def __init__(self, tables: Tables, conditions: Mapping[str, Condition]) -> None:
        others = (tables.theory, tables.experiments, lambda: tables.samples)
        super().__init__(
            with_settings(tables.runs, conditions),
            lambda: tables.features,
            lambda: tables.history,
            lambda: tables.checkpoints,
            *others,
        )
        self.conditions = dict(conditions)

    @cached_property
    def models(self) -> ByCondition:
        """The runs of each condition as arrays, by the condition's slug."""
        tables = (self.runs, self.features, self.history, self.checkpoints)
        groups = [table.groupby("condition", sort=False, observed=True) for table in tables]

        def build(slug: str) -> Models:
            rows = (group.get_group(slug) if slug in group.indices else None for group in groups)
            return _models(self.conditions[slug], *rows)

        return ByCondition(list(map(str, groups[0].indices)), build)


class ByCondition(Mapping[str, Models]):
    """Models by the slug of their condition, such as density=0.1. They are built when they are used."""

    def __init__(self, slugs: list[str], build: Callable[[str], Models]) -> None:
        self._slugs, self._build = dict.fromkeys(slugs), cache(build)

    def __getitem__(self, slug: str) -> Models:
        if slug not in self._slugs:
            raise KeyError(one_line(f"no condition {slug!r}: {lookup.hint(str(slug), list(self))}"))
        return self._build(slug)

    def __iter__(self) -> Iterator[str]:
        return iter(self._slugs)

    def __len__(self) -> int:
        return len(self._slugs)

    def __getstate__(self) -> dict[str, object]:
        """For pickle and copy: every model instead of the function that builds it."""
        return {"_slugs": self._slugs, "_build": dict(self).__getitem__}

    def __repr__(self) -> str:
        first = "; ".join(list(self)[:MOST_SHOWN])
        more = "; ..." if len(self) > MOST_SHOWN else ""
        return f"Models of {plural(len(self), 'condition')}: {first}{more}"


def with_settings(runs: pd.DataFrame, conditions: Mapping[str, Condition]) -> pd.DataFrame:
    """The runs with an additional column for each setting that is a number or a name."""
    values = {slug: _settings(condition) for slug, condition in conditions.items()}
    keys = dict.fromkeys(key for of in values.values() for key in of)
    added = {
        key: [values[slug].get(key) for slug in runs["condition"]]
        for key in keys
        if key not in runs
    }
    return pd.concat([runs, pd.DataFrame(added, index=runs.index)], axis=1)


def _settings(condition: Condition) -> dict[str, bool | int | float | str]:
    """The settings of a condition that are a number or a name; the table calls data.name `data`."""
    settings = flat(condition.model_dump())
    return {
        key: value
        for key, value in settings.items()
        if isinstance(value, bool | int | float | str) and key != "data_name"
    }


def _models(
    condition: Condition,
    runs: pd.DataFrame,
    features: pd.DataFrame,
    history: pd.DataFrame,
    along: pd.DataFrame | None,
) -> Models:
    """The models of one condition from its rows of the tables."""
    count, n = len(runs), condition.n_features
    history = history.sort_values(["replicate", "step"], kind="stable")
    steps = history["step"].to_numpy(np.int64).reshape(count, -1)[0]
    return Models(
        condition,
        " and ".join(runs["engine"].unique()),
        *_weights(features, (count, n)),
        loss=runs["loss"].to_numpy(float, copy=True),
        selection_loss=runs["selection_loss"].where(runs["rank"] >= 0).to_numpy(float, copy=True),
        history=history["loss"].to_numpy(copy=True).reshape(count, -1),
        history_steps=steps,
        checkpoints=_checkpoints(along, count, n),
    )


def _checkpoints(along: pd.DataFrame | None, count: int, n: int) -> Checkpoints | None:
    """The checkpoints of one condition from its rows of their table; None if there are none."""
    if along is None:
        return None
    rows = along.sort_values(["replicate", "step", "feature"], kind="stable")
    steps = rows["step"].to_numpy(np.int64).reshape(count, -1, n)[0, :, 0]
    return Checkpoints(steps, *_weights(rows, (count, len(steps), n)))


def _weights(
    features: pd.DataFrame, shape: tuple[int, ...]
) -> tuple[
    Float[np.ndarray, "*shape hidden"],
    Float[np.ndarray, "*shape hidden"] | None,
    Float[np.ndarray, "*shape"],
]:
    """W, W_out and b from the rows of a table of features, which are in the order of the shape."""

    def stacked(column: str) -> np.ndarray:
        values = np.stack(features[column].to_numpy())
        return values.reshape(*shape, *values.shape[1:])

    untied = "W_out" in features and not features["W_out"].isna().all()
    return stacked("W"), stacked("W_out") if untied else None, stacked("bias")
