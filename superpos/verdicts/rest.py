"""Whether models are at rest: a longer training does not lower the best held-out loss by much."""

import re
from collections.abc import Mapping

import pandas as pd

from superpos import theory

TOLERANCE = 0.01
"""ASSUME: a model is at rest if a training four times as long lowers the best held-out loss by at most
1%, or by at most FLOOR of the loss of a model that answers with the means of all features."""
FLOOR = 1e-4
COLUMNS = ["experiment", "condition", "loss", "longer", "ignoring", "at_rest"]


def table(
    experiments: Mapping[str, tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]],
) -> pd.DataFrame:
    """A row for each condition: the best run's loss, the same after longer training, and whether it rests.

    experiments: the runs, those of the longer training, and the features, by experiment.
    """
    parts = [_compared(name, *tables) for name, tables in experiments.items()]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def moving(table: pd.DataFrame) -> dict[str, list[str]]:
    """The conditions that are not at rest, by experiment."""
    conditions = table[~table["at_rest"]].groupby("experiment")["condition"]
    return {str(name): list(slugs) for name, slugs in conditions}


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
