"""The settings of each stage except training: a rule writes them as JSON and its script reads them."""

from typing import Annotated, Literal

from pydantic import Field

from superpos.config.condition import Count, Distribution, Strict
from superpos.config.sweep import Sweep

Selection = Literal["held_out_loss", "training_loss"]


class Evaluation(Strict):
    """Held-out samples, merged with the inherited values key by key."""

    samples: Count
    """The number of plain samples, which are used if strata is 0."""
    strata: Annotated[int, Field(ge=0)]
    """The number of samples for each count of active units, weighted exactly; 0 for plain samples."""


class DataSettings(Strict):
    """The conditions of an experiment, and how its held-out samples are drawn."""

    seed: int
    sweep: Sweep
    evaluation: Evaluation


class TrainingSetSettings(Strict):
    """How a finite training set is drawn."""

    seed: int
    distribution: Distribution


class MetricSettings(Strict):
    """What is measured on an experiment's runs."""

    seed: int
    metrics: list[str]
    checkpoints: list[Count]
    """The steps at which the runs are measured along the way."""
    best_of: Count | None
    """How many replicates the best run is chosen from; None for all."""
    select: Selection
    """By which loss it is chosen."""


class JudgeSettings(Strict):
    """Which claims of a file are judged, which are not tested, and which conditions no claim is about."""

    seed: int
    claims: list[str]
    untested: dict[str, str]
    """The reason for each claim that is not tested."""
    beyond: dict[str, list[str]]
    """The slugs of the conditions that no claim is about, by experiment."""
