"""The metrics stage: trained runs to tidy tables, one row a run and one a run and feature."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from superpos import metrics, plugins
from superpos.condition import Condition
from superpos.condition_table import from_table
from superpos.evaluation import HALVES, Samples, feature_losses
from superpos.tables import RUN

Arrays = Mapping[str, np.ndarray]


def tables(
    experiment: str,
    conditions: pd.DataFrame,
    settings: Mapping[str, Any],
    blocks: Iterable[tuple[Arrays, Mapping[str, Any]]],
    evaluation: Mapping[tuple[str, str], Samples],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """`runs`, `features` and `checkpoints` of an experiment.

    conditions: their table; settings: `metrics` (names), `checkpoints` (steps), `best_of` (a count
    or None), `seed`; blocks: what training wrote; evaluation: samples by (half, distribution).
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
    runs, features, along = (
        pd.concat(kind, ignore_index=True) for kind in zip(*parts, strict=True)
    )
    return runs, features, along


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
        columns = {n: a for n, a in arrays.items() if not n.startswith("loss")} | named
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
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    given = _given(condition, arrays, samples["report"])
    picked = _in_order(_losses(given, samples["pick"]))
    by_feature = _losses(given, samples["report"])
    measured = metrics.compute(settings["metrics"], given)
    names = pd.DataFrame(
        {
            **{name: [value] * len(picked) for name, value in identity.items()},
            **{name: arrays[name] for name in ("replicate", "key", "engine")},
            "loss": _in_order(by_feature),
            "selection_loss": picked,
            "rank": _rank(picked, settings["best_of"]),
        }
    )
    runs = names.assign(**{name: values for name, values in measured.items() if values.ndim == 1})
    features = _feature_table(names, given, by_feature, measured)
    return runs, features, _checkpoints(names, condition, arrays, samples["report"], settings)


def _given(
    condition: Condition, arrays: Mapping[str, np.ndarray], samples: Samples
) -> dict[str, Any]:
    """What metrics may ask for by name."""
    shape = arrays["b"].shape
    return {
        **{name: arrays.get(name) for name in ("W", "W_out", "b")},
        "importance": np.broadcast_to(condition.importances(), shape),
        "density": np.broadcast_to(condition.densities(), shape),
        "variant": plugins.load("model", condition.model).VARIANT,
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
    condition: Condition,
    arrays: Mapping[str, np.ndarray],
    samples: Samples,
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """The feature table of the weights kept along the way, with their `step` and held-out loss."""
    parts = []
    for c, step in enumerate(settings["checkpoints"]):
        kept = {n: arrays[f"checkpoint_{n}"][:, c] for n in ("W", "W_out", "b") if n in arrays}
        given = _given(condition, kept, samples)
        losses, measured = _losses(given, samples), metrics.compute(settings["metrics"], given)
        now = names[RUN].assign(step=step, loss=_in_order(losses))
        parts.append(_feature_table(now, given, losses, measured))
    return pd.concat(parts, ignore_index=True) if parts else names[RUN].iloc[:0]


def _in_order(by_feature: np.ndarray) -> np.ndarray:
    """The sum over features, one after the other, so that its bits are the same everywhere."""
    return np.add.accumulate(by_feature, axis=1)[:, -1]


def _rank(loss: np.ndarray, best_of: int | None) -> np.ndarray:
    """0 for the run of least loss among the first `best_of` replicates; -1 for those left out."""
    k = len(loss) if best_of is None else best_of
    rank = np.full(len(loss), -1)
    rank[:k] = loss[:k].argsort(kind="stable").argsort(kind="stable")
    return rank
