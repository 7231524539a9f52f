"""Models, feature distributions, metrics and figures by name: a file (or function) is its own entry."""

import difflib
import functools
import importlib
import pkgutil
from types import ModuleType

FOLDERS = {
    "model": "superpos.models",
    "data": "superpos.data",
    "figure": "superpos.figures",
    "theory table": "superpos.theory_tables",
}


def names(kind: str) -> list[str]:
    """The names that a kind accepts: the files of its folder."""
    return list(_names(FOLDERS[kind]))


def check(kind: str, name: str) -> None:
    """Raise a ValueError unless the kind has a file of that name."""
    refuse_unknown(kind, name, names(kind))


@functools.cache
def load(kind: str, name: str) -> ModuleType:
    """The module of that name; raises a ValueError that names its file if that refuses a value."""
    check(kind, name)
    module = f"{FOLDERS[kind]}.{name}"
    try:
        return importlib.import_module(module)
    except ValueError as error:
        raise ValueError(f"{module.replace('.', '/')}.py: {error}") from None


@functools.cache
def _names(folder: str) -> list[str]:
    """Looked up once: thousands of conditions ask."""
    package = importlib.import_module(folder)
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name[0] != "_")


def refuse_unknown(kind: str, name: str, known: list[str]) -> None:
    """Raise a ValueError that names the nearest known name."""
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
    raise ValueError(f"unknown {kind} {name!r}: {hint}")
