"""The config of the paper's experiments, as the project ships it."""

from pathlib import Path
from typing import Any

import yaml

PACKAGE = Path(__file__).parents[1]
PLACES = (PACKAGE / "config.yaml", PACKAGE.parent / "config.yaml")
"""In an installed package, in a checkout."""


def config(folder: Path | None = None) -> dict[str, Any]:
    """The shipped config.yaml, or that of a folder, as it stands there: blocks not resolved."""
    places = [folder / "config.yaml"] if folder else PLACES
    path = next(place for place in places if place.is_file())
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
