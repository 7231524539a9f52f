"""What figures read off the tables: conditions, the run shown of each, and how it was picked."""

import numpy as np
import pandas as pd

from superpos.tables import Tables

UNNAMED = ("model", "density", "gradient", "optimizer", "schedule", "batch", "steps", "init")
"""Swept keys that a label leaves out: named elsewhere, or how a model was trained."""
MODELS = {"linear": "linear", "relu_output": "ReLU output", "relu_hidden": "ReLU hidden"}


def conditions(tables: Tables) -> list[Tables]:
    """The tables of each condition: linear models first, then from dense to sparse."""
    runs = tables.runs.drop_duplicates(["experiment", "condition"])
    order = runs.assign(
        _linear=runs["model"] != "linear", _sparsity=-runs.get("density", pd.Series(np.nan))
    ).sort_values(["experiment", "_linear", "_sparsity"], kind="stable")
    return [
        tables.where(experiment=run.experiment, condition=run.condition)
        for run in order.itertuples()
    ]


def shown(condition: Tables) -> tuple[pd.Series, pd.DataFrame]:
    """The best run's row, and its features in their order."""
    best = condition.best()
    return best.runs.iloc[0], best.features.sort_values("feature")


def weights(features: pd.DataFrame) -> np.ndarray:
    """W [feature, hidden] of a run's features."""
    return np.array(features["W"].tolist(), float)


def outputs(features: pd.DataFrame) -> np.ndarray:
    """W_out [feature, hidden] of an untied run's features."""
    return np.array(features["W_out"].tolist(), float)


def planar_weights(features: pd.DataFrame) -> np.ndarray:
    """W [feature, 2]; raises a ValueError where there are not 2 hidden dimensions."""
    W = weights(features)
    if W.shape[1] != 2:
        raise ValueError(f"n_hidden {W.shape[1]}: this figure draws the plane, n_hidden 2")
    return W


def by_replicate(condition: Tables, column: str) -> np.ndarray:
    """A column of all runs of a condition, [run, feature]."""
    table = condition.features.sort_values(["replicate", "feature"])
    return table[column].to_numpy(float).reshape(len(condition.runs), -1)


def by_run(condition: Tables, column: str) -> np.ndarray:
    """A column of all runs of a condition, [run]."""
    return condition.runs.sort_values("replicate")[column].to_numpy(float)


def label(run: pd.Series) -> str:
    """The condition in a few words: its density, and whatever else is swept but the model."""
    return "1 − S = " + short_label(run) if _has_density(run) else short_label(run)


def short_label(run: pd.Series) -> str:
    """The same, with the density as a bare number."""
    swept = [part for part in str(run["condition"]).split(",") if "=" in part]
    others = [part for part in swept if part.split("=")[0].split(".")[0] not in UNNAMED]
    density = [f"{run['density']:g}"] if _has_density(run) else []
    return ", ".join(density + others) or str(run["condition"])


def sparsity(run: pd.Series) -> str:
    """The condition by its sparsity in per cent, where it has one density."""
    if not _has_density(run):
        return short_label(run)
    rest = short_label(run).partition(", ")[2]
    return f"{100 * (1 - run['density']):.6g} % sparsity" + (f", {rest}" if rest else "")


def _has_density(run: pd.Series) -> bool:
    return not pd.isna(run.get("density", np.nan))


def model(run: pd.Series) -> str:
    """The model's name for readers."""
    return MODELS.get(run["model"], run["model"].replace("_", " "))


def rule(condition: Tables) -> str:
    """By which rule the shown run was picked: "best of 8 by held-out loss, replicate 3"."""
    candidates = int((condition.runs["rank"] >= 0).sum())
    replicate = condition.best().runs["replicate"].iloc[0]
    if candidates == 1:
        return f"the only run, replicate {replicate}"
    return f"best of {candidates} by held-out loss, replicate {replicate}"


def losses(condition: Tables) -> str:
    """The shown run's held-out loss, and its median and range over the replicates."""
    best, all_runs = condition.best().runs["loss"].iloc[0], condition.runs["loss"]
    return (
        f"loss {best:.3g}; over {len(all_runs)} replicates median"
        f" {all_runs.median():.3g} ({all_runs.min():.3g} to {all_runs.max():.3g})"
    )
