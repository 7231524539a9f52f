"""The metrics stage: turn trained runs into tidy tables, with a row per run, per run and feature, or per
run and sample of its finite training set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from superpos import data, lookup
from superpos.config.condition import Condition, Data
from superpos.config.condition_table import RUN, from_table
from superpos.config.stage_settings import MetricSettings
from superpos.config.trained_runs import TrainedRuns
from superpos.data.held_out import HALVES, Samples
from superpos.metrics.array_likes import AXES
from superpos.metrics.by_name import compute, find
from superpos.metrics.losses import FeatureLosses, feature_losses
from superpos.metrics.memorising import hidden_vectors
from superpos.models import Variant
from superpos.numerics.divergence import blanked, diverged
from superpos.numerics.ordered import total

if TYPE_CHECKING:
    from jaxtyping import Float

Arrays = Mapping[str, np.ndarray]
Identity = dict[str, float | int | str]
"""The columns that say which condition a run has."""

PLACE = "place"
"""The column with the place of a run's condition in the sweep, until the tables are complete."""


@dataclass(frozen=True)
class Given:
    """The arguments that a metric may take, by parameter name.

    W_out is None in a tied model. mean_norm is the mean ‖x‖ over the conditions of the experiment.
    training is the runs' finite training set; it is None if the runs have none or several.
    """

    W: Float[np.ndarray, "run feature hidden"]
    W_out: Float[np.ndarray, "run feature hidden"] | None
    b: Float[np.ndarray, "run feature"]
    importance: Float[np.ndarray, "run feature"]
    density: Float[np.ndarray, "run feature"]
    variant: Variant
    data: Data
    samples: Samples
    mean_norm: float
    training: Samples | None = None

    def losses(self, samples: Samples, by: FeatureLosses = feature_losses) -> np.ndarray:
        """The loss on the samples, [run, feature]."""
        return by(self.variant, self.W, self.W_out, self.b, self.importance, samples)


def tables(
    experiment: str,
    conditions: pd.DataFrame,
    settings: MetricSettings,
    blocks: Iterable[TrainedRuns],
    evaluation: Mapping[tuple[str, str], Samples],
    training: Mapping[str, Samples],
    losses: FeatureLosses = feature_losses,
) -> tuple[pd.DataFrame, ...]:
    """The tables `runs`, `features`, `checkpoints` and `samples` of an experiment.

    conditions: their table; blocks: what training wrote; evaluation: held-out samples by (half, law of
    x); training: the finite training sets by distribution; losses: what computes the runs' losses.
    """
    by_slug = from_table(conditions)
    groups = _groups([condition for condition, _ in by_slug.values()], settings.seed)
    axes = list(dict.fromkeys(axis for _, point in by_slug.values() for axis in point))
    identities = [
        _identity(experiment, slug, condition, axes) for slug, (condition, _) in by_slug.items()
    ]
    norms = {g.law: evaluation["report", g.law].mean_norm for g in groups}
    every = np.array([norms[g.law] * len(g.members) for g in groups])
    mean_norm = float(total(every)) / len(by_slug)
    parts = []
    for group, arrays in zip(groups, _by_group(blocks, list(by_slug), groups), strict=True):
        samples = {half: evaluation[half, group.law] for half in HALVES}
        parts.append(
            _group_tables(identities, group, arrays, samples, training, mean_norm, settings, losses)
        )
    return tuple(_in_sweep_order(kind) for kind in zip(*parts, strict=True))


@dataclass(frozen=True)
class _Group:
    """Conditions, by their place in the sweep, whose runs are measured in one call: they share the
    model, the shape and the law of x. sets: the places by finite training set."""

    law: str
    members: dict[int, Condition]
    sets: dict[str, list[int]]

    def __getitem__(self, runs: np.ndarray) -> list[Condition]:
        return [self.members[c] for c in runs.tolist()]


def _groups(conditions: list[Condition], seed: int) -> list[_Group]:
    groups: dict[tuple[Any, ...], _Group] = {}
    for c, condition in enumerate(conditions):
        law = condition.law(seed)
        shape = (condition.model, condition.n_features, condition.n_hidden)
        group = groups.setdefault((*shape, law), _Group(law, {}, {}))
        group.members[c] = condition
        if condition.data.training_samples is not None:
            group.sets.setdefault(condition.distribution(seed), []).append(c)
    return list(groups.values())


def _by_group(
    blocks: Iterable[TrainedRuns], slugs: list[str], groups: list[_Group]
) -> list[dict[str, np.ndarray]]:
    """The arrays of each group's runs, in the order of the sweep, then of the blocks."""
    place = {slug: c for c, slug in enumerate(slugs)}
    group_of = {c: g for g, group in enumerate(groups) for c in group.members}
    parts: list[list[dict[str, np.ndarray]]] = [[] for _ in groups]
    for block in blocks:
        columns = {n: a for n, a in block.arrays.items() if not n.startswith("loss")}
        names = block.names
        named = {"replicate": names.replicates, "key": names.keys, "engine": names.engines}
        columns |= {name: np.array(values) for name, values in named.items()}
        of = np.array([place.get(slug, -1) for slug in names.conditions])
        columns[PLACE] = of
        group = np.array([group_of.get(c, -1) for c in of.tolist()])
        for g in np.unique(group[group >= 0]):
            parts[g].append({n: a[group == g] for n, a in columns.items()})
    return [_joined(part) for part in parts]


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    order = np.concatenate([part[PLACE] for part in parts]).argsort(kind="stable")
    return {name: np.concatenate([part[name] for part in parts])[order] for name in parts[0]}


def _in_sweep_order(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(parts, ignore_index=True)
    order = table[PLACE].to_numpy().argsort(kind="stable")
    return table.drop(columns=PLACE).take(order).reset_index(drop=True)


def _identity(experiment: str, slug: str, condition: Condition, axes: list[str]) -> Identity:
    """The columns that identify a condition's runs, among them one for each axis that any condition
    sweeps."""
    values = {**condition.model_dump(), "batch": condition.samples_per_step}
    identity: Identity = {"experiment": experiment, "condition": slug}
    for key in ("n_features", "n_hidden", "model", "schedule", "batch", "steps"):
        identity[key] = values[key]
    identity["data"] = condition.data.name
    if isinstance(values["density"], float | int):
        identity["density"] = float(values["density"])
    for axis in axes:
        if isinstance(value := _value(values, axis), float | int | str):
            identity[axis.replace(".", "_")] = value
    if condition.data.sets is not None:
        identity["data_sets"] = condition.data.sets
    if condition.data.training_samples is not None:
        identity["data_training_samples"] = condition.data.training_samples
    return identity


def _value(values: Any, axis: str) -> Any:
    """The value that a condition has on an axis, whether swept or fixed for its experiment."""
    for key in axis.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


@dataclass(frozen=True)
class _SetRuns:
    """The indices of a group's runs that share a finite training set, and the arguments for their metrics."""

    runs: np.ndarray
    given: Given
    training: Samples

    def loss(self, losses: FeatureLosses) -> np.ndarray:
        """The loss on the training set, [run]."""
        return total(self.given.losses(self.training, losses))

    def measured(self, settings: MetricSettings) -> dict[str, np.ndarray]:
        """The values of the metrics that take a training set, each [run] or [run, sample]."""
        found: dict[str, np.ndarray] = compute(_names(settings, of_sets=True), vars(self.given))
        return found

    def table(self, identity: pd.DataFrame, measured: Arrays) -> pd.DataFrame:
        """A row for each run and sample; identity: the columns that name the runs of the group."""
        given, of_runs = self.given, identity.iloc[self.runs]
        hidden = hidden_vectors(given.W, given.variant, self.training)
        h = blanked(hidden, diverged(given.W, given.W_out, given.b))
        runs, samples, n_hidden = h.shape
        return of_runs.loc[of_runs.index.repeat(samples)].assign(
            sample=np.tile(np.arange(samples), runs),
            **{name: values.ravel() for name, values in measured.items() if values.ndim == 2},
            h=list(h.reshape(-1, n_hidden)),
        )


def _group_tables(
    identities: list[Identity],
    group: _Group,
    arrays: dict[str, np.ndarray],
    samples: Mapping[str, Samples],
    training: Mapping[str, Samples],
    mean_norm: float,
    settings: MetricSettings,
    losses: FeatureLosses,
) -> tuple[pd.DataFrame, ...]:
    place = arrays[PLACE]
    given = _given(group, arrays, samples["report"], mean_norm)
    by_feature = given.losses(samples["report"], losses)
    measured = compute(_names(settings), vars(given))
    sets = _by_training_set(group, place, given, training)
    of_sets = [{"training_loss": one.loss(losses), **one.measured(settings)} for one in sets]
    by_run = _by_run(sets, of_sets, len(place))
    if settings.select == "training_loss":
        selection = by_run["training_loss"]
    else:
        selection = total(given.losses(samples["pick"], losses))
    identity = pd.DataFrame([identities[c] for c in place.tolist()]).assign(
        **{name: arrays[name] for name in ("replicate", PLACE)}
    )
    names = identity.assign(
        **{name: arrays[name] for name in ("key", "engine")},
        loss=total(by_feature),
        selection_loss=selection,
        rank=_rank(place, selection, settings.best_of),
        diverged=diverged(given.W, given.W_out, given.b),
    )
    runs = names.assign(**{n: values for n, values in measured.items() if values.ndim == 1})
    features = _feature_table(names, given, by_feature, measured)
    along = _checkpoints(
        names, arrays, given, settings, partial(_by_training_set, group, place, training=training)
    )
    no_samples = identity.iloc[:0].assign(sample=np.zeros(0, int), h=None)
    by_set = [one.table(identity, values) for one, values in zip(sets, of_sets, strict=True)]
    of_samples = pd.concat(by_set) if by_set else no_samples
    return runs.assign(**by_run), features, along, of_samples


def _names(settings: MetricSettings, of_sets: bool = False) -> list[str]:
    """The names of the metrics that take a training set, or of those that do not."""
    takes = {name: signature(find(name)).parameters for name in settings.metrics}
    return [name for name in settings.metrics if ("training" in takes[name]) == of_sets]


def _by_training_set(
    group: _Group, place: np.ndarray, given: Given, training: Mapping[str, Samples]
) -> list[_SetRuns]:
    sets = []
    for name, places in group.sets.items():
        runs, samples = np.flatnonzero(np.isin(place, places)), training[name]
        arrays = {n: a[runs] for n, a in vars(given).items() if n in AXES and a is not None}
        data = group.members[places[0]].data
        sets.append(_SetRuns(runs, replace(given, **arrays, data=data, training=samples), samples))
    return sets


def _by_run(
    sets: list[_SetRuns], measured: list[dict[str, np.ndarray]], runs: int
) -> dict[str, np.ndarray]:
    """The measurements on training sets that are one number per run; NaN for runs without a set."""
    found: dict[str, np.ndarray] = {}
    for one, of_set in zip(sets, measured, strict=True):
        for name, values in of_set.items():
            if values.ndim == 1:
                found.setdefault(name, np.full(runs, np.nan))[one.runs] = values
    return found


def _given(group: _Group, arrays: Arrays, samples: Samples, mean_norm: float) -> Given:
    """The arguments for metrics of a group's runs."""
    members, of = np.unique(arrays[PLACE], return_inverse=True)
    conditions = group[members]
    return Given(
        W=arrays["W"],
        W_out=arrays.get("W_out"),
        b=arrays["b"],
        importance=np.stack([c.importances() for c in conditions])[of],
        density=np.stack([data.marginals(c) for c in conditions])[of],
        variant=lookup.load("model", conditions[0].model).VARIANT,
        data=conditions[0].data.law(),
        samples=samples,
        mean_norm=mean_norm,
    )


def _feature_table(
    names: pd.DataFrame, given: Given, losses: np.ndarray, measured: Arrays
) -> pd.DataFrame:
    n_features = losses.shape[1]
    table = names.loc[names.index.repeat(n_features)].reset_index(drop=True)
    columns: dict[str, np.ndarray | list[np.ndarray]] = {
        "feature": np.tile(np.arange(n_features), len(names)),
        "importance": given.importance.ravel(),
        "feature_density": given.density.ravel(),
        "bias": given.b.ravel(),
        "feature_loss": losses.ravel(),
        **{name: values.ravel() for name, values in measured.items() if values.ndim == 2},
    }
    for name, weights in (("W", given.W), ("W_out", given.W_out)):
        if weights is not None:
            columns[name] = list(weights.reshape(-1, weights.shape[-1]))
    return table.assign(**columns)


def _checkpoints(
    names: pd.DataFrame,
    arrays: Arrays,
    end: Given,
    settings: MetricSettings,
    by_training_set: Callable[[Given], list[_SetRuns]],
) -> pd.DataFrame:
    """The feature table of the weights at the checkpoints, with their `step` and held-out loss.

    It includes only those metrics of training sets that are one number per run.
    """
    parts = []
    for c, step in enumerate(settings.checkpoints):
        kept: dict[str, Any] = {
            n: arrays[f"checkpoint_{n}"][:, c] for n in ("W", "W_out", "b") if n in arrays
        }
        given = replace(end, **kept)
        losses = given.losses(given.samples)
        measured = compute(_names(settings), vars(given))
        sets = by_training_set(given)
        by_run = _by_run(sets, [one.measured(settings) for one in sets], len(names))
        now = names[[*RUN, PLACE]].assign(step=step, loss=total(losses), **by_run)
        parts.append(_feature_table(now, given, losses, measured))
    return pd.concat(parts, ignore_index=True) if parts else names[[*RUN, PLACE]].iloc[:0]


def _rank(place: np.ndarray, loss: np.ndarray, best_of: int | None) -> np.ndarray:
    """The rank of each run's loss among its condition's first `best_of` runs, from 0, the smallest.

    It is -1 for the other runs and for those that diverged. Runs of one condition are consecutive.
    """
    rank = np.full(len(loss), -1)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    for first, stop in zip(starts, [*starts[1:], len(loss)], strict=True):
        k = stop if best_of is None else min(first + best_of, stop)
        rank[first:k] = loss[first:k].argsort(kind="stable").argsort(kind="stable")
    return np.where(np.isnan(loss), -1, rank)
