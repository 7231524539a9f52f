"""The config: blocks that inherit, sweeps that expand, every key checked before anything runs."""

import difflib
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from superpos import lookup
from superpos.config import fitting, grids, layers, memory, options, plain
from superpos.config.condition import Condition, Count, Strict
from superpos.config.grids import whole_numbers
from superpos.config.needs import Offer, misfit
from superpos.config.needs import of as needs_of
from superpos.config.offers import of_experiment
from superpos.config.stage_settings import Evaluation, MetricSettings
from superpos.config.sweep import InvalidCondition, Sweep
from superpos.metrics.given import OTHER_NAMES

CONDITION_KEYS = tuple(Condition.model_fields)
OTHER_FOLDERS = ("benchmarks", "claims", "figures", "logs", "theory", "training_sets", "variations")
"""Folders of results/ that no experiment may have for its own."""
LONGEST_NAME = 100
"""Bytes of a name; a file system takes about 255, suffixes included."""
LONGEST_SLICE = 200
MOST_JOBS = 100_000
"""Training jobs of an experiment: a plan holds no more."""
SHAPING = ("n_features", "n_hidden", "model", "steps")
"""Keys that decide which arrays a run leaves, and of which shape."""


class ConfigError(ValueError):
    """A mistake in the config, in one line: place, value, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(plain.one_line(message))


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
    """One figure: the file that draws it, the experiments it shows, options of its `draw`."""

    draw: str
    experiments: Annotated[list[str], Field(alias="from")]
    theory: list[str] = Field(default_factory=list)
    options: dict[str, Any] = Field(default_factory=dict)


class Theory(Strict):
    """A table that needs no training: the file of superpos/theory_tables and its settings."""

    table: str
    settings: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    """An experiment, resolved."""

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


def resolve(raw: Mapping[str, Any], shipped: Mapping[str, Any] | None = None) -> Config:
    """The config with inheritance, defaults and sweeps resolved; ConfigError names what is wrong.

    `shipped` is the config that this one is laid over, if any: the figures of its lines are
    inherited, and where they do not fit they are left out; a figure's line of one's own is refused.
    """
    _check_plain(raw)
    _refuse_unknown("", raw, ("seed", "defaults", "experiments", "theory", "figures", "variation"))
    seed = raw.get("seed")
    if type(seed) is not int or seed < 0:
        raise ConfigError(f"seed: {seed!r} is no whole number >= 0")
    for part in ("defaults", "experiments", "theory", "figures"):
        _require_mapping(part, raw.get(part))
    _refuse_unknown("defaults.", raw["defaults"], (*CONDITION_KEYS, *Settings.model_fields))
    experiments = {name: _experiment(name, raw) for name in raw["experiments"]}
    theory = {name: _theory(name, line) for name, line in raw["theory"].items()}
    figures = {
        name: _figure(name, line, experiments, theory) for name, line in raw["figures"].items()
    }
    inherited = _inherited_figures(figures, experiments)
    for name in inherited.keys() & figures.keys():
        shown = inherited[name].experiments[0]
        raise ConfigError(
            f"figures.{name}: experiment {shown} has an inherited figure of that name; give this one"
            " another name"
        )
    misfits = _misfits(figures | inherited, experiments, theory)
    shipped_lines = (shipped or {}).get("figures", {})
    for name in misfits:
        if name not in inherited and raw["figures"][name] != shipped_lines.get(name):
            draw, lacking = figures[name].draw, misfits[name]
            raise ConfigError(f"figures.{name}: {draw} {lacking}; change that, or leave it out")
    fitting = {name: f for name, f in (figures | inherited).items() if name not in misfits}
    return Config(seed, experiments, fitting, theory, misfits)


def changed(config: Config, shipped: Config) -> Config:
    """What a variation has to make: the experiments that differ from the shipped ones, their figures."""
    if config.seed != shipped.seed:
        return config
    experiments = {n: e for n, e in config.experiments.items() if shipped.experiments.get(n) != e}
    figures = {
        name: figure
        for name, figure in config.figures.items()
        if shipped.figures.get(name) != figure or experiments.keys() & set(figure.experiments)
    }
    left_out = {n: why for n, why in config.left_out.items() if n not in shipped.left_out}
    shown = {e for figure in figures.values() for e in figure.experiments}
    kept = {n: e for n, e in config.experiments.items() if n in experiments or n in shown}
    read = {table for figure in figures.values() for table in figure.theory}
    theory = {name: line for name, line in config.theory.items() if name in read}
    return replace(config, experiments=kept, figures=figures, theory=theory, left_out=left_out)


def _experiment(name: str, raw: Mapping[str, Any]) -> Experiment:
    place = f"experiments.{name}"
    _check_name(place, name, "an experiment's", "a folder")
    if name in OTHER_FOLDERS:
        raise ConfigError(f"{place}: results/{name}/ holds other files; give it another name")
    try:
        block = layers.inherited(name, raw["experiments"])
    except ValueError as error:
        raise ConfigError(str(error)) from None
    known = {*CONDITION_KEYS, *Settings.model_fields, "sweep", "base"}
    _refuse_unknown(f"{place}.", block, known)
    merged = layers.combined(raw["defaults"], block)
    base = raw["experiments"][name].get("base")
    return _expanded(name, json.dumps([merged, block.get("sweep", {}), base]))


@functools.cache
def _expanded(name: str, described: str) -> Experiment:
    """The experiment of a merged block, a sweep and a base, as JSON: the shipped ones are asked for
    twice where a config is laid over them."""
    place = f"experiments.{name}"
    merged, sweep, base = json.loads(described)
    common = {k: merged[k] for k in CONDITION_KEYS if k in merged}
    settings = _build(Settings, {k: merged[k] for k in Settings.model_fields if k in merged}, place)
    swept = _at(place, Sweep.of, common, sweep)
    for axis in _at(place, getattr, swept, "axes"):
        key = axis.split(".")[0]
        _at(f"{place}.sweep", lookup.refuse_unknown, "key", key, list(CONDITION_KEYS))
    try:
        swept.conditions  # noqa: B018
    except InvalidCondition as error:
        where = f"{place}[{error.point}]" if swept.axes else place
        raise ConfigError(_one_line(error.error, Condition, where)) from None
    experiment = Experiment(name, settings, swept, base)
    _check(place, experiment)
    return experiment


def _check(place: str, experiment: Experiment) -> None:
    settings = experiment.settings
    for metric in settings.metrics:
        _at(f"{place}.metrics", lookup.refuse_unknown, "metric", metric, list(lookup.metrics()))
        if lacking := misfit(needs_of(lookup.metrics()[metric]), [experiment.offer]):
            raise ConfigError(
                f"{place}.metrics: {metric} {lacking}; take it out of `metrics`, or change that"
            )
    if settings.best_of is not None and settings.best_of > settings.replicates:
        raise ConfigError(
            f"{place}.best_of: {settings.best_of}, but replicates is {settings.replicates}; "
            "the best of k needs k replicates"
        )
    for key in settings.pack:
        axes = sorted(experiment.sweep.axes)
        _at(f"{place}.pack", lookup.refuse_unknown, "swept key", key, axes)
        if key in SHAPING:
            raise ConfigError(
                f"{place}.pack: {key} gives runs other arrays, which cannot share a job; leave it out"
            )
    _check_strata(place, experiment)
    for key in ("pack", "metrics"):
        _at(f"{place}.{key}", grids.refuse_twice, getattr(settings, key))
    _check_jobs(place, experiment)
    kept = memory.Kept(
        settings.replicates, len(settings.checkpoints), **settings.evaluation.model_dump()
    )
    _at(place, memory.check, experiment.conditions.values(), kept)
    for slug, condition in experiment.conditions.items():
        for step in settings.checkpoints:
            if step > condition.steps:
                raise ConfigError(
                    f"{place}.checkpoints: {step} is after the last step, {condition.steps} ({slug})"
                )


def _check_strata(place: str, experiment: Experiment) -> None:
    """Samples are counted by their active units, which some distributions do not have."""
    drawn = {c.data.name for c in experiment.conditions.values()}
    for name in sorted(drawn) if experiment.settings.evaluation.strata else ():
        if not hasattr(lookup.load("data", name), "units"):
            raise ConfigError(
                f"{place}.evaluation.strata: data {name!r} has no independent units to count; "
                "give evaluation: {strata: 0}"
            )


def _check_jobs(place: str, experiment: Experiment) -> None:
    """Each slice is a folder and its blocks are jobs: neither may be too long or too many."""
    settings = experiment.settings
    slices = experiment.sweep.slices(settings.pack)
    longest = max(slices, key=len, default="")
    if len(longest) > LONGEST_SLICE:
        raise ConfigError(
            f"{place}.sweep: {longest[:40]}... names a folder with {len(longest)} letters; "
            "put its longest axis in `pack`"
        )
    count = len(slices) * -(-settings.replicates // settings.block)
    if count > MOST_JOBS:
        raise ConfigError(
            f"{place}: {count} training jobs; raise `block`, or `pack` swept keys, until there are "
            f"{MOST_JOBS} at most"
        )


def _theory(name: str, line: Any) -> Theory:
    place = f"theory.{name}"
    _check_name(place, name, "a theory table's", "a file")
    theory = _build(Theory, _require_mapping(place, line), place)
    _at(f"{place}.table", lookup.check, "theory table", theory.table)
    _at(f"{place}.settings", options.check, "theory table", theory.table, theory.settings)
    return theory


def _figure(
    name: str,
    line: Any,
    experiments: Mapping[str, Experiment],
    theory: Mapping[str, Theory],
) -> Figure:
    place = f"figures.{name}"
    _check_name(place, name, "a figure's", "a file")
    figure = _build(Figure, _require_mapping(place, line), place)
    if not (figure.experiments or figure.theory):
        raise ConfigError(f"{place}.from: []: name an experiment, or a table in `theory`")
    _at(f"{place}.from", grids.refuse_twice, figure.experiments)
    _at(f"{place}.theory", grids.refuse_twice, figure.theory)
    _at(f"{place}.draw", lookup.check, "figure", figure.draw)
    _at(f"{place}.options", options.check, "figure", figure.draw, figure.options)
    for experiment in figure.experiments:
        _at(f"{place}.from", lookup.refuse_unknown, "experiment", experiment, list(experiments))
    for table in figure.theory:
        _at(f"{place}.theory", lookup.refuse_unknown, "theory table", table, list(theory))
    return figure


def _misfits(
    figures: Mapping[str, Figure],
    experiments: Mapping[str, Experiment],
    theory: Mapping[str, Theory],
) -> dict[str, str]:
    """What each figure needs that its experiments or its tables of theory do not have."""
    found = {
        name: fitting.figure(
            figure.draw,
            figure.options,
            [experiments[e].offer for e in figure.experiments],
            {table: theory[table] for table in figure.theory},
        )
        for name, figure in figures.items()
    }
    return {name: phrase for name, phrase in found.items() if phrase}


def _inherited_figures(
    figures: Mapping[str, Figure], experiments: Mapping[str, Experiment]
) -> dict[str, Figure]:
    """An experiment that no line shows is drawn as its base is."""
    shown = {e for figure in figures.values() for e in figure.experiments}
    return {
        f"{name}_{experiment.name}": figure.model_copy(update={"experiments": [experiment.name]})
        for experiment in experiments.values()
        if experiment.base and experiment.name not in shown
        for name, figure in figures.items()
        if figure.experiments == [experiment.base]
    }


def _build(kind: Any, values: Mapping[str, Any], place: str) -> Any:
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        raise ConfigError(_one_line(error, kind, place)) from None


def _one_line(error: ValidationError, kind: Any, place: str) -> str:
    first = error.errors()[0]
    where = ".".join([place, *map(str, first["loc"])])
    match first["type"]:
        case "missing":
            return f"{where}: missing; give it, or name a `base` that has it"
        case "extra_forbidden":
            return f"{where}: unknown key{_near(str(first['loc'][-1]), _keys(kind, first['loc']))}"
        case "value_error":
            return f"{where}: {first['ctx']['error']}"
        case _:
            hint = (
                " (YAML reads 1e-3 as text: write 0.001 or 1.0e-3)" if _text_number(first) else ""
            )
            return f"{where}: {first['input']!r}: {first['msg'].lower()}{hint}"


def _keys(kind: Any, place: Any) -> list[str]:
    """The keys that are known where a place's last key stands."""
    for key in place[:-1]:
        kind = kind.model_fields[key].annotation
    return list(kind.model_fields)


def _text_number(error: Any) -> bool:
    return isinstance(error["input"], str) and "number" in error["msg"]


def _check_name(place: str, name: str, whose: str, what: str) -> None:
    if not name.isidentifier():
        raise ConfigError(f"{place}: {whose} name is letters, digits and _, it is {what}")
    if len(name.encode()) > LONGEST_NAME:
        raise ConfigError(
            f"{place}: {whose} name has {len(name)} letters; it is {what}, shorten it"
        )


def _check_plain(raw: Any) -> None:
    _require_mapping("config", raw)
    try:
        plain.check("", raw)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _refuse_unknown(place: str, block: Mapping[str, Any], known: Any) -> None:
    for key in block:
        if key not in known:
            raise ConfigError(f"{place}{key}: unknown key{_near(str(key), list(known))}")


def _near(word: str, known: list[str]) -> str:
    if word in OTHER_NAMES and word not in known:
        return f"; here it is {OTHER_NAMES[word]}"
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known))}"


def _require_mapping(place: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{place}: {value!r} is no mapping of keys to values")
    return dict(value)


def _at(place: str, function: Any, *arguments: Any) -> Any:
    """Call the function; its ValueError becomes a ConfigError that names the place."""
    try:
        return function(*arguments)
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from None
