"""Where the config file and the results of each paper are; imports only the standard library.

A paper is a folder of superpos/papers. Its config file, its folder of results, its manifest and its `make`
command are named after that folder. Those of the first paper are config.yaml, results/ itself,
results.digests and `make`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from superpos import lookup

if TYPE_CHECKING:
    from pydantic import JsonValue


@dataclass(frozen=True)
class PaperFiles:
    """A paper by the name of its folder, and its files by their paths in a checkout."""

    name: str
    config: str = "config.yaml"
    results: str = "results"
    manifest: str = "results.digests"
    command: str = "make"

    @property
    def choice(self) -> str:
        """The option of `make` that chooses the paper, with a space before it; "" for the first paper."""
        return "" if self == FIRST else f" PAPER={self.name}"

    @property
    def published(self) -> str:
        """The folder that `make publish` writes."""
        return "docs" if self == FIRST else f"docs/{self.name}"

    def larger(self, folder: Path) -> dict[str, Path]:
        """The config files in a checkout that override the paper's own, by the name of the variation."""
        files = sorted(folder.glob(f"{self.name}_*.yaml"))
        return {file.stem.removeprefix(f"{self.name}_"): file for file in files}


FIRST = PaperFiles("toy_models")
"""The paper that is meant if none is named."""


@functools.cache
def papers() -> dict[str, PaperFiles]:
    """The papers by name, the first one first."""
    folders = sorted(path.parent.name for path in lookup.PACKAGE.glob("papers/*/__init__.py"))
    others = [
        PaperFiles(name, f"{name}.yaml", f"results/{name}", f"{name}.digests", f"make {name}")
        for name in folders
        if name != FIRST.name
    ]
    return {paper.name: paper for paper in (FIRST, *others)}


def named(layers: Iterable[Mapping[str, JsonValue]]) -> PaperFiles:
    """The paper that the last config with a key `paper` names, or the first paper; raises a ValueError."""
    name = next((str(one["paper"]) for one in reversed([*layers]) if "paper" in one), FIRST.name)
    lookup.refuse_unknown("paper", name, list(papers()))
    return papers()[name]


def paper_of_file(path: str) -> PaperFiles:
    """The paper whose folder of results holds a file."""
    found = (paper for paper in papers().values() if path.startswith(f"{paper.results}/"))
    return max(found, key=lambda paper: len(paper.results), default=FIRST)
