"""The config of the paper's experiments, which the project ships."""

import copy
import functools
from pathlib import Path

from pydantic import JsonValue

from superpos.config import text
from superpos.config.messages import mapping

PACKAGE = Path(__file__).parents[1]
CONFIG_PLACES = (PACKAGE / "config.yaml", PACKAGE.parent / "config.yaml")
"""Where it is in an installed package, and in a checkout."""


def config(folder: Path | None = None) -> dict[str, JsonValue]:
    """The shipped config.yaml, or that of a folder, before its blocks are resolved: a copy to change."""
    places = [folder / "config.yaml"] if folder else CONFIG_PLACES
    place = next(place for place in places if place.is_file())
    return copy.deepcopy(_read(place, place.stat().st_mtime_ns))


@functools.cache
def _read(place: Path, changed: int) -> dict[str, JsonValue]:
    """A config.yaml that was last changed at that time, in ns."""
    return text.load_config(place)


def seed() -> int:
    """The base seed of the shipped config."""
    return int(str(config()["seed"]))


def top_level(name: str) -> dict[str, JsonValue]:
    """A mapping of the shipped config, such as `defaults` or `figures`."""
    return mapping(config()[name], name)
