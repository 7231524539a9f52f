"""The records of a config: experiments, figures and theory tables, resolved."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from superpos.config.condition import Condition, Count, Strict
from superpos.config.grids import whole_numbers
from superpos.config.needs import Offer
from superpos.config.specification import Engine
from superpos.config.stage_settings import Evaluation, MetricSettings, Selection
from superpos.config.sweep import Sweep


class Settings(Strict):
    """How an experiment's conditions are trained, evaluated and measured."""

    title: str
    """What the report calls the experiment."""
    trained: Literal["to rest", "recipe"] = "to rest"
    """What the training aims at: models at rest, which `make rest` measures, or the authors' recipe."""
    replicates: Count
    """The number of runs of each condition. They differ only in their random numbers."""
    best_of: Count | None = None
    """How many of the replicates the best run is chosen from; all of them if this is not given."""
    select: Selection = "held_out_loss"
    """By which loss the best run is chosen; training_loss is that on a finite training set."""
    block: Count
    """The number of replicates that one job trains."""
    pack: list[str]
    """Swept keys whose values share a training job."""
    engine: Engine
    """fused is compiled and fast; gpu is for very many models and needs a GPU, without which fused
    trains; reference is written in torch and easy to read."""
    losses: Count
    """How many minibatch losses are kept along a run."""
    checkpoints: Annotated[list[Count], BeforeValidator(whole_numbers)]
    """The steps after which the weights are kept."""
    evaluation: Evaluation
    """The held-out samples. They are merged with the inherited ones, key by key."""
    metrics: list[str]
    """Functions of superpos/metrics that @metric marks."""

    def measured(self, seed: int) -> MetricSettings:
        """The settings of the metrics stage."""
        given = self.model_dump(include=set(MetricSettings.model_fields))
        return MetricSettings(seed=seed, **given)


class Figure(Strict):
    """A figure: the file that draws it, the experiments that it shows, and the options of its `draw`."""

    title: str | None = None
    """What the figure shows, in a few words; the title of its first experiment if this is not given."""
    draw: str
    """A file figure_NAME.py of a section of a paper, or a general one of superpos/plotting/general."""
    experiments: Annotated[list[str], Field(alias="from")]
    """The experiments that the figure shows."""
    theory: list[str] = Field(default_factory=list)
    """The lines of `theory` that the figure shows."""
    options: dict[str, Any] = Field(default_factory=dict)
    """The arguments of its `draw`, except the tables."""


class Theory(Strict):
    """A table that needs no training: its file and the settings of its `table`."""

    table: str
    """A file table_NAME.py of a section of a paper."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """The arguments of its `table`."""


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
    def slices(self) -> dict[str, Sweep]:
        """The sweep cut into slices, by name: the conditions of a slice are trained together."""
        return self.sweep.slices(self.settings.pack)

    @cached_property
    def offer(self) -> Offer:
        """What the experiment offers to the metrics, figures and claims that declare `Needs`."""
        sweep, settings = self.sweep, self.settings
        every, rows = list(sweep.conditions.values()), list(sweep.points.values())
        columns: dict[str, list[Any]] = {
            key: [getattr(c, key) for c in every]
            for key in ("n_features", "n_hidden", "model", "density", "importance")
        }
        columns["data"] = [c.data.name for c in every]
        columns["signed"] = [c.data.signed for c in every]
        columns["unit_norm"] = [c.data.unit_norm for c in every]
        columns["data_sets"] = [c.data.sets for c in every]
        columns["data_training_samples"] = [c.data.training_samples for c in every]
        for axis in sweep.axes:
            columns.setdefault(axis.replace(".", "_"), [row.get(axis) for row in rows])
        kept = len(settings.checkpoints)
        metrics = [*settings.metrics, "loss"]
        metrics += ["training_loss"] * (None not in columns["data_training_samples"])
        return Offer(self.name, columns, metrics, kept, settings.replicates, rows)


@dataclass(frozen=True)
class Config:
    """The whole config, resolved."""

    seed: int
    experiments: dict[str, Experiment]
    figures: dict[str, Figure]
    theory: dict[str, Theory]
    left_out: dict[str, str] = field(default_factory=dict)
    """Inherited figures that do not fit their experiments, and why: "needs n_hidden 2; F1 has 3"."""

    @property
    def figure_titles(self) -> dict[str, str]:
        """What each figure shows: its own title, that of its first experiment, or its name."""
        first = {
            name: self.experiments[figure.experiments[0]].settings.title
            if figure.experiments
            else name
            for name, figure in self.figures.items()
        }
        return {name: figure.title or first[name] for name, figure in self.figures.items()}
