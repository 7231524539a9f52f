"""The metrics stage: turn trained runs into tidy tables, with a row per run or per run and feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from superpos import data, lookup, metrics
from superpos.config.condition import Condition, Data
from superpos.config.condition_table import RUN, from_table
from superpos.config.stage_settings import MetricSettings
from superpos.config.trained_runs import TrainedRuns
from superpos.data.held_out import HALVES, Samples
from superpos.metrics.losses import FeatureLosses, feature_losses
from superpos.models import Variant
from superpos.numerics.divergence import diverged

if TYPE_CHECKING:
    from jaxtyping import Float

Arrays = Mapping[str, np.ndarray]
Identity = dict[str, float | int | str]
"""The columns that say which condition a run has."""

PLACE = "place"
"""The column with the place of a run's condition in the sweep, until the tables are complete."""


@dataclass(frozen=True)
class Given:
    """What a metric may take, by parameter name.

    W_out is None in a tied model. mean_norm is the mean ‖x‖ over the distributions of the experiment.
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

    def losses(self, samples: Samples, by: FeatureLosses = feature_losses) -> np.ndarray:
        """The loss on the samples, [run, feature]."""
        return by(self.variant, self.W, self.W_out, self.b, self.importance, samples)


def tables(
    experiment: str,
    conditions: pd.DataFrame,
    settings: MetricSettings,
    blocks: Iterable[TrainedRuns],
    evaluation: Mapping[tuple[str, str], Samples],
    losses: FeatureLosses = feature_losses,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables `runs`, `features` and `checkpoints` of an experiment.

    conditions: their table; blocks: what training wrote; evaluation: samples by (half, distribution);
    losses: what computes the runs' held-out losses.
    """
    by_slug = from_table(conditions)
    groups = _groups([condition for condition, _ in by_slug.values()], settings.seed)
    axes = list(dict.fromkeys(axis for _, point in by_slug.values() for axis in point))
    identities = [
        _identity(experiment, slug, condition, axes) for slug, (condition, _) in by_slug.items()
    ]
    norms = {g.distribution: evaluation["report", g.distribution].mean_norm for g in groups}
    mean_norm = sum(norms.values()) / len(norms)
    parts = []
    for group, arrays in zip(groups, _by_group(blocks, list(by_slug), groups), strict=True):
        samples = {half: evaluation[half, group.distribution] for half in HALVES}
        parts.append(_group_tables(identities, group, arrays, samples, mean_norm, settings, losses))
    runs, features, along = (_in_sweep_order(kind) for kind in zip(*parts, strict=True))
    return runs, features, along


@dataclass(frozen=True)
class _Group:
    """Conditions, by their place in the sweep, whose runs are measured in one call: they share the
    model, the shape and the held-out samples."""

    distribution: str
    members: dict[int, Condition]

    def __getitem__(self, runs: np.ndarray) -> list[Condition]:
        return [self.members[c] for c in runs.tolist()]


def _groups(conditions: list[Condition], seed: int) -> list[_Group]:
    groups: dict[tuple[Any, ...], _Group] = {}
    for c, condition in enumerate(conditions):
        distribution = condition.law(seed)
        shape = (condition.model, condition.n_features, condition.n_hidden)
        group = groups.setdefault((*shape, distribution), _Group(distribution, {}))
        group.members[c] = condition
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
    """The columns that identify a condition's runs, with one for each axis that any condition sweeps."""
    values = condition.model_dump()
    identity: Identity = {"experiment": experiment, "condition": slug}
    for key in ("n_features", "n_hidden", "model", "schedule", "steps"):
        identity[key] = values[key]
    identity["batch"] = condition.samples_per_step
    identity["data"] = condition.data.name
    if isinstance(values["density"], float | int):
        identity["density"] = float(values["density"])
    for axis in axes:
        if isinstance(value := _value(values, axis), float | int | str):
            identity[axis.replace(".", "_")] = value
    if condition.data.sets is not None:
        identity["data_sets"] = condition.data.sets
    return identity


def _value(values: Any, axis: str) -> Any:
    """The value that a condition has on an axis, whether swept or fixed for its experiment."""
    for key in axis.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _group_tables(
    identities: list[Identity],
    group: _Group,
    arrays: dict[str, np.ndarray],
    samples: Mapping[str, Samples],
    mean_norm: float,
    settings: MetricSettings,
    losses: FeatureLosses,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    place = arrays[PLACE]
    given = _given(group, arrays, samples["report"], mean_norm)
    picked = _in_order(given.losses(samples["pick"], losses))
    by_feature = given.losses(samples["report"], losses)
    measured = metrics.compute(settings.metrics, vars(given))
    names = pd.DataFrame([identities[c] for c in place.tolist()]).assign(
        **{name: arrays[name] for name in ("replicate", "key", "engine")},
        loss=_in_order(by_feature),
        selection_loss=picked,
        rank=_rank(place, picked, settings.best_of),
        diverged=diverged(given.W, given.W_out, given.b),
        **{PLACE: place},
    )
    runs = names.assign(**{name: values for name, values in measured.items() if values.ndim == 1})
    features = _feature_table(names, given, by_feature, measured)
    return runs, features, _checkpoints(names, arrays, given, settings)


def _given(group: _Group, arrays: Arrays, samples: Samples, mean_norm: float) -> Given:
    """What metrics of a group's runs may take."""
    members, of = np.unique(arrays[PLACE], return_inverse=True)
    conditions = group[members]
    return Given(
        W=arrays["W"],
        W_out=arrays.get("W_out"),
        b=arrays["b"],
        importance=np.stack([c.importances() for c in conditions])[of],
        density=np.stack([data.marginals(c) for c in conditions])[of],
        variant=lookup.load("model", conditions[0].model).VARIANT,
        data=conditions[0].data,
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
) -> pd.DataFrame:
    """The feature table of the weights at the checkpoints, with their `step` and held-out loss."""
    parts = []
    for c, step in enumerate(settings.checkpoints):
        kept: dict[str, Any] = {
            n: arrays[f"checkpoint_{n}"][:, c] for n in ("W", "W_out", "b") if n in arrays
        }
        given = replace(end, **kept)
        losses = given.losses(given.samples)
        measured = metrics.compute(settings.metrics, vars(given))
        now = names[[*RUN, PLACE]].assign(step=step, loss=_in_order(losses))
        parts.append(_feature_table(now, given, losses, measured))
    return pd.concat(parts, ignore_index=True) if parts else names[[*RUN, PLACE]].iloc[:0]


def _in_order(by_feature: np.ndarray) -> np.ndarray:
    """The sum over features, term after term, so that its bits are the same on every machine."""
    summed: np.ndarray = np.add.accumulate(by_feature, axis=1)[:, -1]
    return summed


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
