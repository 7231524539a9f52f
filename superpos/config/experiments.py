"""The records of a config: experiments, figures and theory tables, resolved."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from superpos.config.condition import Condition, Count, Strict
from superpos.config.grids import whole_numbers
from superpos.config.needs import Offer
from superpos.config.offers import of_experiment
from superpos.config.stage_settings import Evaluation, MetricSettings
from superpos.config.sweep import Sweep


class Settings(Strict):
    """How an experiment's conditions are trained, evaluated and measured."""

    title: str
    replicates: Count
    best_of: Count | None = None
    block: Count
    pack: list[str]
    engine: Literal["fused", "reference"]
    losses: Count
    checkpoints: Annotated[list[Count], BeforeValidator(whole_numbers)]
    evaluation: Evaluation
    metrics: list[str]

    def measured(self, seed: int) -> MetricSettings:
        """The settings of the metrics stage."""
        given = self.model_dump(include=set(MetricSettings.model_fields))
        return MetricSettings(seed=seed, **given)


class Figure(Strict):
    """A figure: the file that draws it, the experiments that it shows, and the options of its `draw`."""

    draw: str
    experiments: Annotated[list[str], Field(alias="from")]
    theory: list[str] = Field(default_factory=list)
    options: dict[str, Any] = Field(default_factory=dict)


class Theory(Strict):
    """A table that needs no training: its file and the settings of its `table`."""

    table: str
    settings: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    """An experiment, resolved. `base` is the experiment that its block names."""

    name: str
    settings: Settings
    sweep: Sweep
    base: str | None

    @property
    def conditions(self) -> dict[str, Condition]:
        """The conditions by slug."""
        return self.sweep.conditions

    @cached_property
    def offer(self) -> Offer:
        """What the experiment has of what metrics, figures and claims may need."""
        return of_experiment(self.name, self.settings, self.sweep)


@dataclass(frozen=True)
class Config:
    """The whole config, resolved."""

    seed: int
    experiments: dict[str, Experiment]
    figures: dict[str, Figure]
    theory: dict[str, Theory]
    left_out: dict[str, str] = field(default_factory=dict)
    """Inherited figures that do not fit their experiments, and why: "needs n_hidden 2; F1 has 3"."""
