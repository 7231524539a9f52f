"""Whether models are at rest: a longer training does not lower the best held-out loss by much."""

import io
import re
from collections.abc import Mapping

import pandas as pd

from superpos import theory
from superpos.config.experiments import Experiment
from superpos.numerics.digest import digest

TOLERANCE = 0.01
"""ASSUME: a model is at rest if a training four times as long lowers the best held-out loss by at most
1%, or by at most FLOOR of the loss of a model that answers with the means of all features."""
FLOOR = 1e-4
COLUMNS = ["experiment", "condition", "loss", "longer", "ignoring", "at_rest"]
SUMMARY = ["experiment", "conditions", "at_rest", "fall", "settings"]
RECIPE = "By the recipe of the authors' notebook, whether or not the models are at rest then."
UNKNOWN = "How near the models are to rest is known for the shipped settings only."


def table(
    experiments: Mapping[str, tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]],
) -> pd.DataFrame:
    """A row for each condition: the best run's loss, the same after longer training, and whether it rests.

    experiments: the runs, those of the longer training, and the features, by experiment.
    """
    parts = [_compared(name, *tables) for name, tables in experiments.items()]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def summary(table: pd.DataFrame, experiments: Mapping[str, Experiment]) -> pd.DataFrame:
    """A row for each experiment: its conditions, how many are at rest, and how far the others fall at most.

    settings: a digest of what was trained, so that nothing is said of other settings.
    """
    fall = 1 - table["longer"] / table["loss"]
    table = table.assign(fall=fall.where(~table["at_rest"]))
    by_experiment = table.groupby("experiment", sort=False)
    found = by_experiment.agg(
        conditions=("at_rest", "size"), at_rest=("at_rest", "sum"), fall=("fall", "max")
    )
    settings = [_settings(experiments[str(name)]) for name in found.index]
    return found.assign(fall=found["fall"].round(4), settings=settings).reset_index()


def read(text: str) -> pd.DataFrame:
    """The summary in a CSV file."""
    return pd.read_csv(io.StringIO(text))


def sentence(experiment: Experiment, measured: pd.DataFrame) -> str:
    """What the report says of how far an experiment's models are trained; `measured` is a summary."""
    if experiment.settings.trained == "recipe":
        return RECIPE
    rows = measured[measured["experiment"] == experiment.name]
    rows = rows[rows["settings"] == _settings(experiment)]
    if rows.empty:
        return UNKNOWN
    row = rows.iloc[0]
    most = f"training four times as long lowers the best held-out loss by at most {TOLERANCE:.0%}"
    if row["at_rest"] == row["conditions"]:
        return f"At rest: {most}."
    return (
        f"At rest in {row['at_rest']:,} of {row['conditions']:,} conditions: there, {most}; "
        f"in the others by up to {row['fall']:.1%}."
    )


def _settings(experiment: Experiment) -> str:
    return digest([experiment.settings.replicates, experiment.sweep.model_dump(mode="json")])


def _compared(
    name: str, runs: pd.DataFrame, longer: pd.DataFrame, features: pd.DataFrame
) -> pd.DataFrame:
    best, after = (_best(part).set_index("key") for part in (runs, longer))
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
    saved = found["loss"] - found["longer"]
    rests = (saved <= TOLERANCE * found["loss"]) | (saved <= FLOOR * found["ignoring"])
    return found.assign(at_rest=rests)


def _best(runs: pd.DataFrame) -> pd.DataFrame:
    """The best run of each condition, and the condition without its number of steps."""
    best = runs[runs["rank"] == 0]
    return best.assign(key=[_without_steps(slug) for slug in best["condition"]])


def _without_steps(slug: str) -> str:
    return re.sub(r"(^|,)steps=\d+", "", slug)


def _ignoring(features: pd.DataFrame) -> float:
    """The loss of a model that answers with the mean of every feature."""
    return theory.linear_optimum(
        features["importance"].to_numpy(float), features["feature_density"].to_numpy(float), 0
    )
