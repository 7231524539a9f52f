"""Resolve a config: blocks inherit, sweeps expand, and every key is checked before anything runs."""

import functools
import json
from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from superpos.config import checks, layers, lines, messages, paper_files, text
from superpos.config.condition import Condition
from superpos.config.experiments import Config, Experiment, Settings
from superpos.config.messages import ConfigError
from superpos.config.sweep import InvalidCondition, Sweep
from superpos.config.variations import own_experiments

PARTS = ("defaults", "experiments", "theory", "figures")
CONDITION_KEYS = tuple(Condition.model_fields)
BLOCK = (Condition, Settings)
BLOCK_KEYS = tuple(key for record in BLOCK for key in record.model_fields)
"""The keys that the defaults may have; an experiment may also have `sweep` and `base`."""
OTHER_FOLDERS = ("benchmarks", "claims", "figures", "logs", "theory", "training_sets", "variations")
"""Folders of results/ whose names no experiment may have."""


def resolve(raw: Mapping[str, JsonValue], shipped: Mapping[str, JsonValue] | None = None) -> Config:
    """The config with inheritance, defaults and sweeps resolved; raises a ConfigError.

    `shipped` is the config that this one overrides, if any. Figures inherited from it are left out
    if they no longer fit their experiments. A figure that this config adds or changes is refused if
    it does not fit. An experiment that no figure shows then gets the general figures that fit it.
    """
    raw = messages.mapping(raw, "config")
    try:
        text.check_values("", raw)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    messages.refuse_unknown_keys("", raw, ("seed", *PARTS, "paper", "variation"))
    seed = raw.get("seed")
    if type(seed) is not int or seed < 0:
        raise ConfigError(f"seed: {seed!r} is not a whole number of 0 or more")
    parts = {part: messages.mapping(raw.get(part), part) for part in PARTS}
    messages.refuse_unknown_keys("defaults.", parts["defaults"], BLOCK_KEYS, *BLOCK)
    blocks = parts["experiments"]
    experiments = {name: _experiment(name, blocks, parts["defaults"]) for name in blocks}
    theory = {name: lines.read_theory(name, line) for name, line in parts["theory"].items()}
    own = {name: lines.read_figure(name, line) for name, line in parts["figures"].items()}
    for name, figure in own.items():
        lines.check_names(name, figure, experiments, theory)
    figures = own | lines.inherited_figures(own, experiments)
    misfits = lines.misfits(figures, experiments, theory)
    known = (shipped or {}).get("figures")
    for name in filter(own.__contains__, misfits):
        if not isinstance(known, dict) or parts["figures"][name] != known.get(name):
            draw = own[name].draw
            raise ConfigError(
                f"figures.{name}: {draw} {misfits[name]}; correct this line, or remove it"
            )
    fitting = {name: figure for name, figure in figures.items() if name not in misfits}
    drawn = fitting | lines.figures_of_unshown(fitting, experiments)
    return Config(seed, experiments, drawn, theory, misfits)


def changed(config: Config, shipped: Config) -> Config:
    """What a variation has to run: the experiments that differ from the shipped ones, and their figures."""
    if config.seed != shipped.seed:
        return config
    own = {*own_experiments(config, shipped)}
    figures = {
        name: figure
        for name, figure in config.figures.items()
        if shipped.figures.get(name) != figure or own & {*figure.experiments}
    }
    left_out = {n: why for n, why in config.left_out.items() if n not in shipped.left_out}
    shown = {e for figure in figures.values() for e in figure.experiments}
    kept = {n: e for n, e in config.experiments.items() if n in own | shown}
    read = {table for figure in figures.values() for table in figure.theory}
    theory = {name: line for name, line in config.theory.items() if name in read}
    return replace(config, experiments=kept, figures=figures, theory=theory, left_out=left_out)


def _experiment(
    name: str, blocks: Mapping[str, JsonValue], defaults: Mapping[str, JsonValue]
) -> Experiment:
    place = f"experiments.{name}"
    messages.check_name(place, name, "an experiment's", "a folder")
    if name in OTHER_FOLDERS or name in paper_files.papers():
        raise ConfigError(f"{place}: results/{name}/ holds other files; rename the experiment")
    try:
        block = layers.inherited(name, blocks)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    messages.refuse_unknown_keys(f"{place}.", block, (*BLOCK_KEYS, "sweep", "base"), *BLOCK)
    base = messages.mapping(blocks[name], place).get("base")
    merged = layers.combined(defaults, block)
    return _expanded(name, json.dumps([merged, block.get("sweep", {}), base]))


@functools.cache
def _expanded(name: str, described: str) -> Experiment:
    """Build an experiment from its merged block, its sweep and its base, given as JSON.

    Cached, because a variation asks for the unchanged experiments of the shipped config twice.
    """
    place = f"experiments.{name}"
    merged, sweep, base = json.loads(described)
    common = {key: merged[key] for key in CONDITION_KEYS if key in merged}
    given = {key: merged[key] for key in Settings.model_fields if key in merged}
    settings = messages.read_record(Settings, given, place)
    with messages.at_place(place):
        swept = Sweep.of(common, _in_order(sweep))
        axes = swept.axes
    with messages.at_place(f"{place}.sweep"):
        for axis in axes:
            if (key := axis.split(".")[0]) not in CONDITION_KEYS:
                hint = messages.key_hint(key, CONDITION_KEYS, Condition)
                raise ValueError(f"unknown key {key!r}: {hint}")
    _conditions(place, swept)
    experiment = Experiment(name, settings, swept, base)
    checks.check_experiment(place, experiment)
    return experiment


def _in_order(sweep: JsonValue) -> JsonValue:
    """The sweep with the keys of swept mappings sorted, so that equal values have one name."""
    if isinstance(sweep, dict):
        return {axis: _sorted(values) for axis, values in sweep.items()}
    return [_in_order(part) for part in sweep] if isinstance(sweep, list) else sweep


def _sorted(values: JsonValue) -> JsonValue:
    if isinstance(values, dict):
        return {key: _sorted(values[key]) for key in sorted(values)}
    return [_sorted(value) for value in values] if isinstance(values, list) else values


def _conditions(place: str, sweep: Sweep) -> dict[str, Condition]:
    """The conditions of a sweep; raises a ConfigError that names the point."""
    try:
        return sweep.conditions
    except InvalidCondition as invalid:
        where = f"{place}[{invalid.point}]" if sweep.axes else place
        raise messages.invalid(invalid.error, Condition, where) from None
