"""The manifest of a paper's results: a digest of each file's content, by stage, and the versions in use.

A digest covers the arrays, the table or the picture in a file, but not its notes on versions and
code, so an edit that changes no result changes no digest.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from superpos.numerics.digest import arrays_digest

STAGES = ("data", "train", "metrics", "theory", "claims", "figures", "pages")
_BY_NAME = {
    "conditions.parquet": "data",
    "evaluation.safetensors": "data",
    "runs.parquet": "metrics",
    "features.parquet": "metrics",
    "samples.parquet": "metrics",
    "history.parquet": "metrics",
    "checkpoints.parquet": "metrics",
    "explorer.safetensors": "figures",
}
_BY_FOLDER = {"training_sets": "data", "theory": "theory", "claims": "claims", "figures": "figures"}
_FORMS = (".parquet", ".safetensors", ".svg", ".pdf", ".png", ".progress")
_BY_PATH = {
    "claims.parquet": "claims",
    "claims.csv": "claims",
    "departures.html": "pages",
    "report.html": "pages",
}
_VERSIONS = "# versions: "
INTACT = "intact"
"""Stands in for the digest of a page that shows times and the machine, if its own checksum is right."""
CURES = {
    "is missing": "run `{make}`",
    "is damaged": "delete it and run `{make}`",
    "differs": "delete it and run `{make}`",
    "belongs to no planned job": "run `make clean-stale`",
    "is not listed": "{config} has changed: `{manifest}` lists what it plans now",
    "is listed, but not planned": "{config} has changed: `{manifest}` lists what it plans now",
}
"""What can be wrong with a file, and what to do about it, with the paper's config file and its commands."""


@dataclass(frozen=True)
class Manifest:
    """Versions by package, and digests of contents by the path of the file below the paper's results."""

    versions: Mapping[str, str]
    digests: Mapping[str, str]


def stage_of_file(path: str) -> str | None:
    """The stage under which the manifest lists a file of a paper's results; None if it lists no such file."""
    first, *rest = path.split("/")
    if path in _BY_PATH:
        return _BY_PATH[path]
    if not rest or first in ("variations", "logs", "benchmarks") or not path.endswith(_FORMS):
        return None
    if rest[0] == "models":
        return "train"
    return _BY_FOLDER.get(first) or _BY_NAME.get(rest[-1])


def to_text(manifest: Manifest) -> str:
    """A line for each file, grouped by stage, in a fixed order."""
    lines = [_VERSIONS + json.dumps(dict(manifest.versions), sort_keys=True)]
    for name in STAGES:
        paths = sorted(p for p in manifest.digests if stage_of_file(p) == name)
        lines += ["", f"# {name}", *(f"{manifest.digests[p]}  {p}" for p in paths)]
    return "\n".join(lines) + "\n"


def from_text(text: str) -> Manifest:
    """The manifest that `to_text` wrote; raises a ValueError that names a line it cannot read."""
    digests, versions = {}, {}
    for number, line in enumerate(text.splitlines(), 1):
        digest, gap, path = line.partition("  ")
        if line.startswith(_VERSIONS):
            versions = json.loads(line.removeprefix(_VERSIONS))
        elif line and not line.startswith("#"):
            if not gap or not stage_of_file(path):
                raise ValueError(f"line {number}: {line!r} is not a digest, two spaces and a path")
            digests[path] = digest
    return Manifest(versions, digests)


def differences(
    expected: Manifest, found: Manifest, planned: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """By stage, the path of each file that differs from the manifest, and what is wrong with it.

    found: the existing files; a damaged file has the digest "".
    """
    wrong: dict[str, list[tuple[str, str]]] = {name: [] for name in STAGES}
    for path in sorted({*expected.digests, *found.digests, *planned}):
        here, there = found.digests.get(path), expected.digests.get(path)
        if what := _wrong(here, there, path in planned):
            wrong[stage_of_file(path) or ""].append((path, what))
    return wrong


def _wrong(here: str | None, there: str | None, planned: bool) -> str:
    if not planned:
        return "belongs to no planned job" if here is not None else "is listed, but not planned"
    if here is None:
        return "is missing"
    if there is None:
        return "is not listed"
    return "" if here == there else "differs" if here else "is damaged"


def version_differences(expected: Manifest, found: Manifest) -> list[str]:
    """A line for each package whose version differs."""
    names = sorted({*expected.versions, *found.versions})
    pairs = {n: (found.versions.get(n, "none"), expected.versions.get(n, "none")) for n in names}
    return [f"{name}: {here} here, {there} in the manifest" for name, (here, there) in pairs.items()
            if here != there]  # fmt: skip


def report(
    expected: Manifest, found: Manifest, planned: Collection[str], named: Mapping[str, str]
) -> tuple[bool, str]:
    """Whether all files are as expected, and a report on each stage, what to do, and the versions.

    named: the config file and the commands in CURES.
    """
    by_stage = differences(expected, found, planned)
    lines = []
    for name, wrong in by_stage.items():
        count = sum(stage_of_file(path) == name for path in planned)
        state = "these differ from" if wrong else f"all {count} files match"
        lines += [f"{name}: {state} the manifest", *(f"  {p} {what}" for p, what in wrong)]
    kinds = {what for wrong in by_stage.values() for _, what in wrong}
    lines += [f"if a file {w}: {cure.format_map(named)}" for w, cure in CURES.items() if w in kinds]
    versions = version_differences(expected, found)
    lines += ["versions differ:", *(f"  {v}" for v in versions)] if versions else ["same versions"]
    return not kinds, "\n".join(lines)


def table_digest(table: pd.DataFrame) -> str:
    """A digest of columns, types and values, in order."""
    return arrays_digest({f"{i} {name}": _numbers(table[name]) for i, name in enumerate(table)})


def _numbers(column: pd.Series) -> np.ndarray:
    """A column of numbers, or the bytes of a column of texts or lists."""
    values = column.to_numpy()
    if isinstance(values, np.ndarray) and values.dtype.kind in "biuf":
        return values
    text = json.dumps([v.tolist() if isinstance(v, np.ndarray) else v for v in column.tolist()])
    return np.frombuffer(text.encode(), np.uint8)
