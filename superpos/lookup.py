"""Find models, distributions, figures, theory tables, claims and metrics by name, without a registry.

In a section of a paper, the name of a file begins with what it is, as in `figure_intro.py`. This module also
imports the packages of optional extras.
"""

import contextlib
import difflib
import functools
import importlib
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = Path(__file__).parent
PLACES = {
    "model": (("models",), ""),
    "data": (("data",), ""),
    "metric file": (("metrics",), ""),
    "figure": (("papers/*/*", "plotting/general"), "figure_"),
    "general figure": (("plotting/general",), "figure_"),
    "theory table": (("papers/*/*",), "table_"),
    "claims file": (("papers/*/*",), "claims_"),
}
"""The folders with the files of each kind, and how their names begin. General figures fit experiments of
any paper, and show those that no other figure shows."""
MARKED = "from superpos.metrics import metric\n"
"""The line by which a file with metrics is recognised; other files of the folder are not loaded."""


@contextlib.contextmanager
def extra(name: str) -> Iterator[None]:
    """Import packages of the extra `name` of pyproject.toml; raises `not_installed` if one is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0] == PACKAGE.name:
            raise
        raise not_installed("this", error.name, name) from None


def not_installed(what: str, package: str, name: str) -> ModuleNotFoundError:
    """The error that says which part needs a package of the extra `name`, and how to install it."""
    line = f'{what} needs {package}, which is not installed: pip install "superpos[{name}]"'
    return ModuleNotFoundError(line, name=package)


def names(kind: str, paper: str | None = None) -> list[str]:
    """The names of a kind, or of those in one paper's folder."""
    if paper is None:
        return [*_files(kind)]
    within = PACKAGE / "papers" / paper
    return [name for name, path in _files(kind).items() if path.is_relative_to(within)]


def check_known(kind: str, name: str) -> None:
    """Raise a ValueError unless there is a file of that kind and name."""
    refuse_unknown(kind, name, names(kind))


def file(kind: str, name: str) -> Path:
    """The file of that kind and name; raises a ValueError if there is none."""
    check_known(kind, name)
    return _files(kind)[name]


def module(kind: str, name: str) -> str:
    """The dotted name of the module in that file; raises a ValueError if there is none."""
    return _dotted(file(kind, name))


def shown_path(path: Path) -> str:
    """The path of a file of this package for a message: superpos/models/linear.py."""
    return path.relative_to(PACKAGE.parent).as_posix()


@functools.cache
def load(kind: str, name: str) -> ModuleType:
    """The module of that kind and name; a ValueError while it is loaded is raised again with the file's
    name."""
    path = file(kind, name)
    try:
        return importlib.import_module(_dotted(path))
    except ValueError as error:
        raise ValueError(f"{shown_path(path)}: {error}") from None


@functools.cache
def metrics() -> dict[str, Callable[..., Any]]:
    """The functions of superpos/metrics that `@metric` marks, by name."""
    found: dict[str, Callable[..., Any]] = {}
    for name in names("metric file"):
        loaded = load("metric file", name)
        for own, function in inspect.getmembers(loaded, inspect.isfunction):
            if hasattr(function, "is_metric") and function.__module__ == loaded.__name__:
                if own in found:
                    raise ValueError(f"metric {own} is defined in two files; rename one")
                found[own] = function
    return dict(sorted(found.items()))


def of_papers(part: str, paper: str = "*") -> list[ModuleType]:
    """The modules of that name, such as `sections`, in the folders of all papers or of one paper."""
    return _loaded(f"papers/{paper}/{part}.py")


def of_sections(part: str, paper: str = "*") -> list[ModuleType]:
    """The modules of that name, such as `departures`, in the section folders of all papers or of one
    paper."""
    return _loaded(f"papers/{paper}/*/{part}.py")


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that is nearest, ignoring upper and lower case; None if none is near."""
    of_lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), of_lower, n=1)
    return of_lower[near[0]] if near else None


def hint(name: str, known: Collection[str]) -> str:
    """`did you mean ...?`, or all known names if none is near."""
    near = nearest_name(name, known)
    return f"did you mean {near}?" if near else f"there are {', '.join(known) or 'none'}"


def refuse_unknown(kind: str, name: str, known: Collection[str]) -> None:
    """Raise a ValueError that suggests a known name, unless `name` is a known one."""
    if name not in known:
        raise ValueError(f"unknown {kind} {name!r}: {hint(str(name), known)}")


@functools.cache
def _files(kind: str) -> dict[str, Path]:
    """The files of a kind by name. They are listed once, because thousands of conditions look them up."""
    folders, begins = PLACES[kind]
    found: dict[str, Path] = {}
    for path in sorted(p for folder in folders for p in PACKAGE.glob(f"{folder}/{begins}*.py")):
        if path.name[0] == "_" or (
            kind == "metric file" and MARKED not in path.read_text(encoding="utf-8")
        ):
            continue
        name = path.stem.removeprefix(begins)
        if name in found:
            both = f"{shown_path(found[name])} and {shown_path(path)}"
            raise ValueError(f"{kind} {name!r} is defined in two files: {both}; rename one")
        found[name] = path
    return dict(sorted(found.items()))


@functools.cache
def _loaded(pattern: str) -> list[ModuleType]:
    return [importlib.import_module(_dotted(path)) for path in sorted(PACKAGE.glob(pattern))]


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
