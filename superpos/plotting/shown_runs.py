"""What figures take from the tables: the conditions, the run shown for each, and how it was picked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos import theory
from superpos.config import grids, swept
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Float

UNNAMED = ("model", "density", "gradient", "optimizer", "schedule", "batch", "steps", "init")
"""Swept keys that a label leaves out, because they are named elsewhere or only affect training.

A label names them too if without them two conditions of a model would have the same label.
"""
TOLD_APART = "told_apart"
"""The column of `runs` in which `conditions` puts what a label says of these keys."""
MODELS = {"linear": "linear", "relu_output": "ReLU output", "relu_hidden": "ReLU hidden"}


def conditions(tables: Tables) -> list[Tables]:
    """The tables of each condition, linear models first, then from dense to sparse."""
    runs = tables.runs.drop_duplicates(["experiment", "condition"])
    order = runs.assign(
        _linear=runs["model"] != "linear", _sparsity=-runs.get("density", pd.Series(np.nan))
    ).sort_values(["experiment", "_linear", "_sparsity"], kind="stable")
    parts = [
        tables.where(experiment=run.experiment, condition=run.condition)
        for run in order.itertuples()
    ]
    for part, words in zip(parts, _told_apart(order), strict=True):
        part.runs = part.runs.assign(**{TOLD_APART: words})
    return parts


def _told_apart(rows: pd.DataFrame) -> list[str]:
    """For each condition, the values of the keys that alone tell it from those with the same label."""
    points = [grids.words_by_axis(str(name)) for name in rows["condition"]]
    labels = [(row["experiment"], row["model"], short_label(row)) for _, row in rows.iterrows()]
    alike: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for name, point in zip(labels, points, strict=True):
        alike.setdefault(name, []).append(point)
    keys = {name: swept.varied(same) for name, same in alike.items()}
    return [
        ", ".join(f"{swept.key_name(key)} {point.get(key, 'default')}" for key in keys[name])
        for name, point in zip(labels, points, strict=True)
    ]


def best_run(condition: Tables) -> tuple[pd.Series, pd.DataFrame]:
    """The row of the best run, and its features in order."""
    best = condition.best()
    return best.runs.iloc[0], best.features.sort_values("feature")


def weights(features: pd.DataFrame) -> Float[np.ndarray, "feature hidden"]:
    """W of a run, from its features."""
    return np.array(features["W"].tolist(), float)


def outputs(features: pd.DataFrame) -> Float[np.ndarray, "feature hidden"]:
    """W_out of an untied run, from its features."""
    return np.array(features["W_out"].tolist(), float)


def planar_weights(features: pd.DataFrame) -> Float[np.ndarray, "feature 2"]:
    """W of a run; raises a ValueError if it does not have 2 hidden dimensions."""
    W = weights(features)
    if W.shape[1] != 2:
        raise ValueError(f"n_hidden {W.shape[1]}: this figure draws the plane; give n_hidden 2")
    return W


def by_replicate(condition: Tables, column: str) -> Float[np.ndarray, "run feature"]:
    """A column of `features` for all runs of a condition."""
    table = condition.features.sort_values(["replicate", "feature"])
    values: np.ndarray = table[column].to_numpy(float).reshape(len(condition.runs), -1)
    return values


def by_run(condition: Tables, column: str) -> Float[np.ndarray, " run"]:
    """A column of `runs` for all runs of a condition."""
    values: np.ndarray = condition.runs.sort_values("replicate")[column].to_numpy(float)
    return values


def best_linear_loss(condition: Tables) -> float:
    """The loss of the best linear model of a condition, by theory."""
    run, features = best_run(condition)
    importance, density = (features[c].to_numpy(float) for c in ("importance", "feature_density"))
    return theory.linear_optimum(importance, density, int(run["n_hidden"]))


def label(run: pd.Series) -> str:
    """The condition in a few words: its density, and everything else that is swept except the model."""
    return "1 − S = " + short_label(run) if _has_density(run) else short_label(run)


def short_label(run: pd.Series) -> str:
    """The label with the density as a bare number."""
    parts = [part for part in str(run["condition"]).split(",") if "=" in part]
    others = [part for part in parts if part.split("=")[0].split(".")[0] not in UNNAMED]
    density = [f"{run['density']:g}"] if _has_density(run) else []
    told = [run[TOLD_APART]] if run.get(TOLD_APART) else []
    return ", ".join(density + others + told) or str(run["condition"])


def sparsity_label(run: pd.Series) -> str:
    """The condition by its sparsity in per cent, if all features have one density."""
    if not _has_density(run):
        return short_label(run)
    rest = short_label(run).partition(", ")[2]
    return f"{100 * (1 - run['density']):.6g}% sparsity" + (f", {rest}" if rest else "")


def _has_density(run: pd.Series) -> bool:
    return not pd.isna(run.get("density", np.nan))


def model(run: pd.Series) -> str:
    """The model's name for readers."""
    name = str(run["model"])
    return MODELS.get(name, name.replace("_", " "))


def size(runs: pd.DataFrame) -> str:
    """The models' size in words: "n = 400, m = 30"."""
    return f"n = {runs['n_features'].iloc[0]:,}, m = {runs['n_hidden'].iloc[0]:,}"


def rule(condition: Tables) -> str:
    """The rule that picked the shown run: "best of 8 by held-out loss, replicate 3"."""
    candidates = int((condition.runs["rank"] >= 0).sum())
    replicate = condition.best().runs["replicate"].iloc[0]
    if candidates == 1:
        return f"the only run, replicate {replicate}"
    return f"best of {candidates} by {chosen_by(condition.runs)}, replicate {replicate}"


def chosen_by(runs: pd.DataFrame) -> str:
    """The loss that picks the best run of a condition: "training loss" or "held-out loss"."""
    same = "training_loss" in runs and runs["selection_loss"].equals(runs["training_loss"])
    return "training loss" if same else "held-out loss"


def training(runs: pd.DataFrame) -> str:
    """How the runs were trained: "trained for 2,000 steps at a rate that falls to 0"."""
    constant = (runs["schedule"] == "constant").all()
    return (
        f"trained for {_either(runs['steps'])} steps at a"
        f" {'constant rate' if constant else 'rate that falls to 0'}"
    )


def candidates(parts: Iterable[Tables]) -> str:
    """The number of runs from which the shown run was picked, in any condition: "12", or "8 or 12"."""
    return _either(int((part.runs["rank"] >= 0).sum()) for part in parts)


def _either(counts: Iterable[int]) -> str:
    """The distinct counts in order, in words: "5,000, 20,000 or 40,000"."""
    *most, last = (f"{count:,}" for count in sorted({*counts}))
    return f"{', '.join(most)} or {last}" if most else last


def losses(condition: Tables) -> str:
    """The held-out losses of the shown run and of all replicates, on samples that were not used to pick
    it."""
    best, every = condition.best().runs["loss"].iloc[0], condition.runs["loss"]
    return (
        f"on the half that did not pick it, its loss is {best:.3g}; all {len(every)} replicates have"
        f" {every.min():.3g} to {every.max():.3g} there, median {every.median():.3g}"
    )
