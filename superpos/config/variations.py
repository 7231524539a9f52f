"""What a variation adds to a shipped config, or changes in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from superpos.config.experiments import Config, Experiment, Theory

Part = TypeVar("Part", Experiment, Theory)


def own_experiments(config: Config, shipped: Config) -> list[str]:
    """The experiments that a variation adds or changes: all of them if its seed differs."""
    return _own(config.experiments, shipped.experiments, config.seed != shipped.seed)


def own_theory(config: Config, shipped: Config) -> list[str]:
    """The tables of theory that a variation adds or changes: all of them if its seed differs."""
    return _own(config.theory, shipped.theory, config.seed != shipped.seed)


def _own(parts: Mapping[str, Part], shipped: Mapping[str, Part], every: bool) -> list[str]:
    return [n for n, part in parts.items() if every or not _alike(part, shipped.get(n))]


def _alike(part: Experiment | Theory, shipped: Experiment | Theory | None) -> bool:
    """Whether two blocks mean the same: a value that every point of a sweep replaces has no effect."""
    if part is shipped:
        return True
    if not isinstance(part, Experiment) or not isinstance(shipped, Experiment):
        return part == shipped
    runs, known = part.sweep.conditions, shipped.sweep.conditions
    return replace(part, sweep=shipped.sweep) == shipped and [*runs.items()] == [*known.items()]
