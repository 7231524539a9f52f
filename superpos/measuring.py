"""The metrics stage: trained runs to tidy tables, one row a run and one a run and feature."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from superpos import metrics, plugins
from superpos.condition import Condition
from superpos.condition_table import from_table
from superpos.evaluation import HALVES, Samples, feature_losses

Arrays = Mapping[str, np.ndarray]


def tables(
    experiment: str,
    conditions: pd.DataFrame,
    settings: Mapping[str, Any],
    blocks: Iterable[tuple[Arrays, Mapping[str, Any]]],
    evaluation: Mapping[tuple[str, str], Samples],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`runs` and `features` of an experiment.

    conditions: their table; settings: `metrics` (names), `best_of` (a count or None), `seed`;
    blocks: what training wrote; evaluation: samples by (half, digest of the distribution).
    """
    by_condition = _by_condition(blocks)
    parts = [
        _condition_tables(
            _identity(experiment, slug, condition, point),
            condition,
            _joined(by_condition[slug]),
            {half: evaluation[half, condition.distribution(settings["seed"])] for half in HALVES},
            settings,
        )
        for slug, (condition, point) in from_table(conditions).items()
    ]
    runs, features = (pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True))
    return runs, features


def _by_condition(
    blocks: Iterable[tuple[Arrays, Mapping[str, Any]]],
) -> dict[str, list[dict[str, np.ndarray]]]:
    """The arrays of each condition's runs, in the blocks' order."""
    parts: dict[str, list[dict[str, np.ndarray]]] = {}
    for arrays, notes in blocks:
        named = {
            name: np.array(notes[f"{name}s"])
            for name in ("condition", "replicate", "key", "engine")
        }
        columns = {n: a for n, a in arrays.items() if n in ("W", "W_out", "b")} | named
        slugs, first = np.unique(named["condition"], return_inverse=True)
        for i, slug in enumerate(slugs):
            rows = np.flatnonzero(first == i)
            parts.setdefault(str(slug), []).append({n: a[rows] for n, a in columns.items()})
    return parts


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _identity(
    experiment: str, slug: str, condition: Condition, point: Mapping[str, Any]
) -> dict[str, Any]:
    plain = condition.model_dump()
    swept = {axis.replace(".", "_"): value for axis, value in point.items()}
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
    }


def _condition_tables(
    identity: Mapping[str, Any],
    condition: Condition,
    arrays: dict[str, np.ndarray],
    samples: Mapping[str, Samples],
    settings: Mapping[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    count, shape = len(arrays["W"]), arrays["W"].shape[:2]
    given = {
        **arrays,
        "importance": np.broadcast_to(condition.importances(), shape),
        "density": np.broadcast_to(condition.densities(), shape),
    }
    variant = plugins.load("model", condition.model).VARIANT
    losses = {
        half: feature_losses(
            variant,
            arrays["W"],
            arrays.get("W_out"),
            arrays["b"],
            given["importance"],
            samples[half],
        )
        for half in HALVES
    }
    picked = _in_order(losses["pick"])
    measured = metrics.compute(settings["metrics"], given)
    runs = pd.DataFrame(
        {
            **{name: [value] * count for name, value in identity.items()},
            **{name: arrays[name] for name in ("replicate", "key", "engine")},
            "loss": _in_order(losses["report"]),
            "selection_loss": picked,
            "rank": _rank(picked, settings["best_of"]),
            **{name: values for name, values in measured.items() if values.ndim == 1},
        }
    )
    return runs, _feature_table(runs, given, losses["report"], measured)


def _feature_table(
    runs: pd.DataFrame,
    given: Mapping[str, np.ndarray],
    losses: np.ndarray,
    measured: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    n_features = losses.shape[1]
    shared = [c for c in runs.columns if c not in measured]
    table = runs[shared].loc[runs.index.repeat(n_features)].reset_index(drop=True)
    columns: dict[str, Any] = {
        "feature": np.tile(np.arange(n_features), len(runs)),
        "importance": given["importance"].ravel(),
        "feature_density": given["density"].ravel(),
        "bias": given["b"].ravel(),
        "feature_loss": losses.ravel(),
        **{name: values.ravel() for name, values in measured.items() if values.ndim == 2},
    }
    for name in ("W", "W_out"):
        if name in given:
            columns[name] = list(given[name].reshape(-1, given[name].shape[-1]))
    return table.assign(**columns)


def _in_order(by_feature: np.ndarray) -> np.ndarray:
    """The sum over features, one after the other, so that its bits are the same everywhere."""
    return np.add.accumulate(by_feature, axis=1)[:, -1]


def _rank(loss: np.ndarray, best_of: int | None) -> np.ndarray:
    """0 for the run of least loss among the first `best_of` replicates; -1 for those left out."""
    k = len(loss) if best_of is None else best_of
    rank = np.full(len(loss), -1)
    rank[:k] = loss[:k].argsort(kind="stable").argsort(kind="stable")
    return rank
