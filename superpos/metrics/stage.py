"""The metrics stage: trained runs to tidy tables, one row a run and one a run and feature."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from superpos import data, lookup, metrics
from superpos.config.condition import Condition
from superpos.config.condition_table import RUN, from_table
from superpos.config.stage_settings import MetricSettings
from superpos.data.held_out import HALVES, Samples
from superpos.metrics.losses import feature_losses
from superpos.numerics.divergence import diverged

Arrays = Mapping[str, np.ndarray]

PLACE = "place"
"""The column that holds the place in the sweep of a run's condition, until the tables are whole."""


def tables(
    experiment: str,
    conditions: pd.DataFrame,
    settings: MetricSettings,
    blocks: Iterable[tuple[Arrays, Mapping[str, Any]]],
    evaluation: Mapping[tuple[str, str], Samples],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """`runs`, `features` and `checkpoints` of an experiment.

    conditions: their table; blocks: what training wrote; evaluation: samples by (half, distribution).
    """
    by_slug = from_table(conditions)
    groups = _alike([condition for condition, _ in by_slug.values()], settings.seed)
    axes = list(dict.fromkeys(axis for _, point in by_slug.values() for axis in point))
    identities = [
        _identity(experiment, slug, condition, axes) for slug, (condition, _) in by_slug.items()
    ]
    parts = []
    for group, arrays in zip(groups, _by_group(blocks, list(by_slug), groups), strict=True):
        samples = {half: evaluation[half, group.distribution] for half in HALVES}
        parts.append(_group_tables(identities, group, arrays, samples, settings))
    runs, features, along = (_in_sweep_order(kind) for kind in zip(*parts, strict=True))
    return runs, features, along


@dataclass(frozen=True)
class _Group:
    """Conditions, by their place in the sweep, whose runs are measured in one call: one model and
    shape, the same held-out samples."""

    distribution: str
    members: dict[int, Condition]

    def __getitem__(self, runs: np.ndarray) -> list[Condition]:
        return [self.members[c] for c in runs.tolist()]


def _alike(conditions: list[Condition], seed: int) -> list[_Group]:
    groups: dict[tuple[Any, ...], _Group] = {}
    for c, condition in enumerate(conditions):
        distribution = condition.distribution(seed)
        shape = (condition.model, condition.n_features, condition.n_hidden)
        group = groups.setdefault((*shape, distribution), _Group(distribution, {}))
        group.members[c] = condition
    return list(groups.values())


def _by_group(
    blocks: Iterable[tuple[Arrays, Mapping[str, Any]]], slugs: list[str], groups: list[_Group]
) -> list[dict[str, np.ndarray]]:
    """The arrays of each group's runs, in the sweep's order, then the blocks'."""
    place = {slug: c for c, slug in enumerate(slugs)}
    group_of = {c: g for g, group in enumerate(groups) for c in group.members}
    parts: list[list[dict[str, np.ndarray]]] = [[] for _ in groups]
    for arrays, notes in blocks:
        named = {name: np.array(notes[f"{name}s"]) for name in ("replicate", "key", "engine")}
        of = np.array([place.get(slug, -1) for slug in notes["conditions"]])
        columns = {n: a for n, a in arrays.items() if not n.startswith("loss")} | named
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


def _identity(experiment: str, slug: str, condition: Condition, axes: list[str]) -> dict[str, Any]:
    """The names of a condition's runs, with a column for each axis that any of them sweeps."""
    plain = condition.model_dump()
    swept = {axis.replace(".", "_"): _value(plain, axis) for axis in axes}
    kept = {k: plain[k] for k in ("n_features", "n_hidden", "model", "schedule", "batch", "steps")}
    return {
        "experiment": experiment,
        "condition": slug,
        **kept,
        "data": condition.data.name,
        **(
            {"density": float(plain["density"])}
            if isinstance(plain["density"], float | int)
            else {}
        ),
        **{k: v for k, v in swept.items() if isinstance(v, float | int | str)},
        **({} if condition.data.sets is None else {"data_sets": condition.data.sets}),
    }


def _value(plain: Any, axis: str) -> Any:
    """The value that a condition has on an axis: swept, or its experiment's own."""
    for key in axis.split("."):
        plain = plain.get(key) if isinstance(plain, Mapping) else None
    return plain


def _group_tables(
    identities: list[dict[str, Any]],
    group: _Group,
    arrays: dict[str, np.ndarray],
    samples: Mapping[str, Samples],
    settings: MetricSettings,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    place = arrays[PLACE]
    given = _given(group, arrays, samples["report"])
    picked = _in_order(_losses(given, samples["pick"]))
    by_feature = _losses(given, samples["report"])
    measured = metrics.compute(settings.metrics, given)
    names = pd.DataFrame([identities[c] for c in place.tolist()]).assign(
        **{name: arrays[name] for name in ("replicate", "key", "engine")},
        loss=_in_order(by_feature),
        selection_loss=picked,
        rank=_rank(place, picked, settings.best_of),
        diverged=diverged(*(given[name] for name in ("W", "W_out", "b"))),
        **{PLACE: place},
    )
    runs = names.assign(**{name: values for name, values in measured.items() if values.ndim == 1})
    features = _feature_table(names, given, by_feature, measured)
    return runs, features, _checkpoints(names, group, arrays, samples["report"], settings)


def _given(group: _Group, arrays: Mapping[str, np.ndarray], samples: Samples) -> dict[str, Any]:
    """What metrics may ask for by name."""
    members, of = np.unique(arrays[PLACE], return_inverse=True)
    conditions = group[members]
    return {
        **{name: arrays.get(name) for name in ("W", "W_out", "b")},
        "importance": np.stack([c.importances() for c in conditions])[of],
        "density": np.stack([data.marginals(c) for c in conditions])[of],
        "variant": lookup.load("model", conditions[0].model).VARIANT,
        "data": conditions[0].data,
        "samples": samples,
    }


def _losses(given: Mapping[str, Any], samples: Samples) -> np.ndarray:
    variant, W, W_out, b = (given[name] for name in ("variant", "W", "W_out", "b"))
    return feature_losses(variant, W, W_out, b, given["importance"], samples)


def _feature_table(
    names: pd.DataFrame,
    given: Mapping[str, Any],
    losses: np.ndarray,
    measured: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    n_features = losses.shape[1]
    table = names.loc[names.index.repeat(n_features)].reset_index(drop=True)
    columns: dict[str, Any] = {
        "feature": np.tile(np.arange(n_features), len(names)),
        "importance": given["importance"].ravel(),
        "feature_density": given["density"].ravel(),
        "bias": given["b"].ravel(),
        "feature_loss": losses.ravel(),
        **{name: values.ravel() for name, values in measured.items() if values.ndim == 2},
    }
    for name in ("W", "W_out"):
        if given[name] is not None:
            columns[name] = list(given[name].reshape(-1, given[name].shape[-1]))
    return table.assign(**columns)


def _checkpoints(
    names: pd.DataFrame,
    group: _Group,
    arrays: Mapping[str, np.ndarray],
    samples: Samples,
    settings: MetricSettings,
) -> pd.DataFrame:
    """The feature table of the weights kept along the way, with their `step` and held-out loss."""
    parts = []
    for c, step in enumerate(settings.checkpoints):
        kept = {n: arrays[f"checkpoint_{n}"][:, c] for n in ("W", "W_out", "b") if n in arrays}
        given = _given(group, kept | {PLACE: arrays[PLACE]}, samples)
        losses, measured = _losses(given, samples), metrics.compute(settings.metrics, given)
        now = names[[*RUN, PLACE]].assign(step=step, loss=_in_order(losses))
        parts.append(_feature_table(now, given, losses, measured))
    return pd.concat(parts, ignore_index=True) if parts else names[[*RUN, PLACE]].iloc[:0]


def _in_order(by_feature: np.ndarray) -> np.ndarray:
    """The sum over features, one after the other, so that its bits are the same everywhere."""
    return np.add.accumulate(by_feature, axis=1)[:, -1]


def _rank(place: np.ndarray, loss: np.ndarray, best_of: int | None) -> np.ndarray:
    """0 for the run of least loss among a condition's first `best_of`; -1 for those left out and for
    those that diverged.

    Runs of one condition stand together.
    """
    rank = np.full(len(loss), -1)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    for first, stop in zip(starts, [*starts[1:], len(loss)], strict=True):
        k = stop if best_of is None else min(first + best_of, stop)
        rank[first:k] = loss[first:k].argsort(kind="stable").argsort(kind="stable")
    return np.where(np.isnan(loss), -1, rank)
