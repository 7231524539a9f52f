"""The import graph is the rebuild graph: a digest of the code behind a stage.

A digest covers a file and every `superpos` module that it imports, directly or not, as syntax trees
without docstrings (other files as they are): a comment changes nothing, an edited module changes
whatever imports it.
"""

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).parent


@functools.cache
def code(*entries: str | Path) -> str:
    """The digest of modules ("superpos.metrics.geometry") or files, with all that they import."""
    files = sorted(_closure(_file(e) if isinstance(e, str) else e for e in entries))
    state = hashlib.blake2b(digest_size=8)
    for file in files:
        state.update(f"{file.name} {_digest(file)};".encode())
    return state.hexdigest()


@functools.cache
def folder(package: str) -> list[str]:
    """The modules of a package whose files are found by name when it runs."""
    above = _file(package)
    files = sorted(above.parent.glob("*.py")) if above else []
    return [f"{package}.{file.stem}" for file in files if file.stem != "__init__"]


def _closure(files: Iterable[Path | None]) -> set[Path]:
    reached: set[Path] = set()
    waiting = [file for file in files if file is not None]
    while waiting:
        file = waiting.pop()
        if file not in reached:
            reached.add(file)
            imported = map(_file, _imports(file)) if file.suffix == ".py" else ()
            waiting += [module for module in imported if module is not None]
    return reached


def _file(module: str) -> Path | None:
    """The file of a module of this package; None for other packages and for names in a module."""
    first, *parts = module.split(".")
    if first != PACKAGE.name:
        return None
    path = PACKAGE.joinpath(*parts)
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((c for c in candidates if c.is_file()), None)


@functools.cache
def _imports(file: Path) -> set[str]:
    """The names of modules that a file imports, packages above them included."""
    names: set[str] = set()
    for node in _nodes(file):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {".".join(name.split(".")[:k]) for name in names for k in range(1, name.count(".") + 2)}


@functools.cache
def _digest(file: Path) -> str:
    if file.suffix != ".py":
        return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()
    tree, *inner = _nodes(file)
    for node in (tree, *inner):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
    return hashlib.blake2b(ast.dump(tree).encode(), digest_size=16).hexdigest()


@functools.cache
def _nodes(file: Path) -> list[ast.AST]:
    """The whole syntax tree of a file, its root first."""
    return list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)
