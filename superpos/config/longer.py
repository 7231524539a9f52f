"""The shipped config with every training several times as long, to see which models have converged."""

from collections.abc import Mapping

from pydantic import JsonValue

from superpos.config import grids
from superpos.config.messages import mapping


def longer(raw: Mapping[str, JsonValue], times: int) -> dict[str, JsonValue]:
    """Overrides for the config `raw` that multiply every number of steps, except those of the recipe.

    Raises a ValueError if `times` is below 2.
    """
    if times < 2:
        raise ValueError(f"{times} times as long makes no training longer; give 2 or more")
    experiments: dict[str, JsonValue] = {}
    for name, block in mapping(raw["experiments"], "experiments").items():
        given = mapping(block, name)
        if given.get("trained") != "recipe" and (changed := _block(given, times)):
            experiments[name] = changed
    defaults = _block(mapping(raw["defaults"], "defaults"), times)
    return {"defaults": defaults, "experiments": experiments}


def _block(block: Mapping[str, JsonValue], times: int) -> dict[str, JsonValue]:
    """The keys of a block that change: its steps, and its sweep if that has steps."""
    changed: dict[str, JsonValue] = {}
    if "steps" in block:
        changed["steps"] = _multiplied(block["steps"], times)
    parts = grids.sweep_parts(block.get("sweep", {}))
    if any("steps" in part for part in parts):
        changed["sweep"] = [
            {axis: _multiplied(v, times) if axis == "steps" else v for axis, v in part.items()}
            for part in parts
        ]
    return changed


def _multiplied(steps: JsonValue, times: int) -> JsonValue:
    if isinstance(steps, list):
        return [_multiplied(one, times) for one in steps]
    return times * int(str(steps))
