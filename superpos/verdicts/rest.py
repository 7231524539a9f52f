"""Whether models have converged ("are at rest"): longer training hardly changes the best held-out loss."""

import io
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from superpos import theory
from superpos.config.experiments import Experiment
from superpos.numerics.digest import digest

TOLERANCE = 0.01
"""ASSUME: a model is at rest if a training four times as long changes the best held-out loss by at most
1%, or by at most FLOOR of the loss of a model that answers with the means of all features. If the loss
falls by more, the model is not at rest. If it rises by more, the longer training ended elsewhere, which
does not tell whether the model is at rest."""
FLOOR = 1e-4
COLUMNS = ["experiment", "condition", "loss", "longer", "ignoring", "at_rest"]
RECIPE = "By the authors' recipe, whether or not the models are at rest then."
UNCHANGED = (
    "training four times as long changes the best held-out loss by at most"
    f" {TOLERANCE:.0%} of it, or {FLOOR:.2%} of the loss of a model that ignores its input"
)
UNKNOWN = "How near the models are to rest is known for the shipped settings only."


def table(
    experiments: Mapping[str, tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]],
) -> pd.DataFrame:
    """A row for each condition: the best run's loss, that after longer training, and whether it is at rest.

    experiments: by experiment, the runs, the runs of the longer training, and the features.
    """
    parts = [_compared(name, *tables) for name, tables in experiments.items()]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def rest_by_experiment(table: pd.DataFrame, experiments: Mapping[str, Experiment]) -> pd.DataFrame:
    """A row for each experiment: how many conditions it has, how many are at rest, and how the others change.

    fall: the largest fraction by which the loss of a condition falls; worse: the number of conditions whose
    loss rises; rise: the largest fraction by which it rises; settings: a digest of what was trained, so
    that the row is not applied to other settings.
    """
    change = (table["longer"] / table["loss"] - 1).fillna(np.inf).where(~table["at_rest"])
    table = table.assign(
        fall=-change.where(change < 0), worse=change > 0, rise=change.where(change > 0)
    )
    by_experiment = table.groupby("experiment", sort=False)
    found = by_experiment.agg(
        conditions=("at_rest", "size"),
        at_rest=("at_rest", "sum"),
        fall=("fall", "max"),
        worse=("worse", "sum"),
        rise=("rise", "max"),
    )
    settings = [_settings(experiments[str(name)]) for name in found.index]
    return found.round(4).assign(settings=settings).reset_index()


def read(text: str) -> pd.DataFrame:
    """The summary in a CSV file."""
    return pd.read_csv(io.StringIO(text))


def sentence(experiment: Experiment, measured: pd.DataFrame) -> str:
    """The report's sentence on how far an experiment's models are trained; `measured` is the summary."""
    if experiment.settings.trained == "recipe":
        return RECIPE
    rows = measured[measured["experiment"] == experiment.name]
    rows = rows[rows["settings"] == _settings(experiment)]
    if rows.empty:
        return UNKNOWN
    row = rows.iloc[0]
    falling = row["conditions"] - row["at_rest"] - row["worse"]
    if row["at_rest"] == row["conditions"]:
        return f"At rest: {UNCHANGED}."
    some = f"At rest in {row['at_rest']:,} of {row['conditions']:,} conditions, where {UNCHANGED}"
    falls = f"in {falling:,} it lowers the loss, by up to {row['fall']:.1%}"
    rises = f"in {row['worse']:,} it ends elsewhere, with up to {row['rise']:.1%} more loss"
    untold = ", which does not tell whether the shorter training had come to rest"
    return "; ".join([some] + [falls] * bool(falling) + [rises + untold] * bool(row["worse"])) + "."


def _settings(experiment: Experiment) -> str:
    return digest([experiment.settings.replicates, experiment.sweep.model_dump(mode="json")])


def _compared(
    name: str, runs: pd.DataFrame, longer: pd.DataFrame, features: pd.DataFrame
) -> pd.DataFrame:
    best, after = (_best(part).set_index("key") for part in (runs, longer))
    if len(alone := best.index.difference(after.index)):
        raise ValueError(f"{name}: {alone[0]} was not trained longer; run `make rest` again")
    scale = features[features["replicate"] == 0].groupby("condition", sort=False).apply(_ignoring)
    found = pd.DataFrame(
        {
            "experiment": name,
            "condition": best["condition"],
            "loss": best["loss"],
            "longer": after["loss"].reindex(best.index),
            "ignoring": best["condition"].map(scale),
        }
    )
    change = (found["longer"] - found["loss"]).abs()
    rests = (change <= TOLERANCE * found["loss"]) | (change <= FLOOR * found["ignoring"])
    return found.assign(at_rest=rests)


def _best(runs: pd.DataFrame) -> pd.DataFrame:
    """The best run of each condition, and the condition without its number of steps."""
    best = runs[runs["rank"] == 0]
    return best.assign(key=[_without_steps(slug) for slug in best["condition"]])


def _without_steps(slug: str) -> str:
    return re.sub(r"(^|,)steps=[^,]+", "", slug)


def _ignoring(features: pd.DataFrame) -> float:
    """The loss of a model that answers with the mean of every feature."""
    return theory.linear_optimum(
        features["importance"].to_numpy(float), features["feature_density"].to_numpy(float), 0
    )
