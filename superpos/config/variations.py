"""What a variation adds to a shipped config, or changes in it."""

from collections.abc import Mapping
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
    return [name for name, part in parts.items() if every or shipped.get(name) != part]
