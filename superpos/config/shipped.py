"""The configs of the papers' experiments, which the project ships."""

import copy
import functools
from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from superpos import lookup
from superpos.config import paper_files, text
from superpos.config.messages import mapping
from superpos.config.paper_files import FIRST, PaperFiles

PLACES = (lookup.PACKAGE, lookup.PACKAGE.parent)
"""Where the config files are in an installed package, and in a checkout."""


def config(folder: Path | None = None, paper: PaperFiles = FIRST) -> dict[str, JsonValue]:
    """The shipped config of a paper, or that of a folder, before its blocks are resolved: a copy."""
    places = [place / paper.config for place in ([folder] if folder else PLACES)]
    place = next((place for place in places if place.is_file()), places[-1])
    return copy.deepcopy(_read(place, place.stat().st_mtime_ns if place.is_file() else 0))


@functools.cache
def _read(place: Path, changed: int) -> dict[str, JsonValue]:
    """The contents of a config file; the modification time in ns is part of the cache key."""
    return text.load_config(place)


def config_with(part: str, name: str, others: Iterable[str] = ()) -> dict[str, JsonValue]:
    """The shipped config of the first paper that has this name in this part, such as `figures`.

    Raises a ValueError if no paper has it; `others` are names that it may suggest too.
    """
    known = [*others]
    for paper in paper_files.papers().values():
        whole = config(paper=paper)
        if name in (names := mapping(whole[part], part)):
            return whole
        known += names
    raise ValueError(f"unknown {part.removesuffix('s')} {name!r}: {lookup.hint(str(name), known)}")
