"""Models, distributions, figures, theory tables, claims and metrics by name: a file is its own entry.

The files of a section of a paper say what they are by how their names begin, `figure_intro.py`.
"""

import difflib
import functools
import importlib
import inspect
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = Path(__file__).parent
PLACES = {
    "model": ("models", ""),
    "data": ("data", ""),
    "metric file": ("metrics", ""),
    "figure": ("papers/*/*", "figure_"),
    "theory table": ("papers/*/*", "table_"),
    "claims file": ("papers/*/*", "claims_"),
}
"""The folders in which each kind's files are, and how the names of these files begin."""
MARKED = "from superpos.metrics import metric\n"
"""What a file with metrics has; others of its folder are not loaded to look for some."""


def names(kind: str) -> list[str]:
    """The names that a kind accepts."""
    return list(_files(kind))


def check(kind: str, name: str) -> None:
    """Raise a ValueError unless the kind has a file of that name."""
    refuse_unknown(kind, name, names(kind))


def file(kind: str, name: str) -> Path:
    """The file of that name; raises a ValueError if there is none."""
    check(kind, name)
    return _files(kind)[name]


def module(kind: str, name: str) -> str:
    """The dotted name of that file's module; raises a ValueError if there is none."""
    return _dotted(file(kind, name))


def shown(path: Path) -> str:
    """The path of a file of this package as a message shows it: superpos/models/linear.py."""
    return path.relative_to(PACKAGE.parent).as_posix()


@functools.cache
def load(kind: str, name: str) -> ModuleType:
    """The module of that name; raises a ValueError that names its file if that refuses a value."""
    path = file(kind, name)
    try:
        return importlib.import_module(_dotted(path))
    except ValueError as error:
        raise ValueError(f"{shown(path)}: {error}") from None


@functools.cache
def metrics() -> dict[str, Callable[..., Any]]:
    """The functions of superpos/metrics that `@metric` marks, by name."""
    found: dict[str, Callable[..., Any]] = {}
    for name in names("metric file"):
        loaded = load("metric file", name)
        for own, function in inspect.getmembers(loaded, inspect.isfunction):
            if hasattr(function, "is_metric") and function.__module__ == loaded.__name__:
                if own in found:
                    raise ValueError(f"metric {own} stands in two files; rename one")
                found[own] = function
    return dict(sorted(found.items()))


def of_papers(part: str) -> list[ModuleType]:
    """The modules of that name that papers have, such as `sections`, by the papers' names."""
    return _loaded(f"papers/*/{part}.py")


def of_sections(part: str) -> list[ModuleType]:
    """The modules of that name that sections of papers have, such as `departures`."""
    return _loaded(f"papers/*/*/{part}.py")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is nearest, upper and lower case alike; None if none is near."""
    of_lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), of_lower, n=1)
    return of_lower[near[0]] if near else None


def hint(name: str, known: Collection[str]) -> str:
    """`did you mean ...?`, or all known names if none is near."""
    near = nearest(name, known)
    return f"did you mean {near}?" if near else f"there are {', '.join(known) or 'none'}"


def refuse_unknown(kind: str, name: str, known: Collection[str]) -> None:
    """Raise a ValueError that suggests a known name, unless this is one."""
    if name not in known:
        raise ValueError(f"unknown {kind} {name!r}: {hint(str(name), known)}")


@functools.cache
def _files(kind: str) -> dict[str, Path]:
    """The files of a kind by name. Found once: thousands of conditions ask."""
    folder, begins = PLACES[kind]
    found: dict[str, Path] = {}
    for path in sorted(PACKAGE.glob(f"{folder}/{begins}*.py")):
        if path.name[0] == "_" or (kind == "metric file" and MARKED not in path.read_text()):
            continue
        name = path.stem.removeprefix(begins)
        if name in found:
            both = f"{shown(found[name])} and {shown(path)}"
            raise ValueError(f"{kind} {name!r} stands in two files: {both}; rename one")
        found[name] = path
    return dict(sorted(found.items()))


@functools.cache
def _loaded(pattern: str) -> list[ModuleType]:
    return [importlib.import_module(_dotted(path)) for path in sorted(PACKAGE.glob(pattern))]


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
