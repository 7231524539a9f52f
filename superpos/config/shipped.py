"""The config of the paper's experiments, which the project ships."""

from pathlib import Path

from pydantic import JsonValue

from superpos.config import text
from superpos.config.messages import mapping

PACKAGE = Path(__file__).parents[1]
CONFIG_PLACES = (PACKAGE / "config.yaml", PACKAGE.parent / "config.yaml")
"""Where it is in an installed package, and in a checkout."""


def config(folder: Path | None = None) -> dict[str, JsonValue]:
    """The shipped config.yaml, or that of a folder, before its blocks are resolved."""
    places = [folder / "config.yaml"] if folder else CONFIG_PLACES
    return text.load_config(next(place for place in places if place.is_file()))


def seed() -> int:
    """The base seed of the shipped config."""
    return int(str(config()["seed"]))


def top_level(name: str) -> dict[str, JsonValue]:
    """A mapping of the shipped config, such as `defaults` or `figures`."""
    return mapping(config()[name], name)
