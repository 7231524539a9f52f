"""A digest of the code behind a stage, which decides what is rebuilt after an edit.

A digest covers a file and every `superpos` module that it imports, directly or indirectly, as syntax
trees without docstrings, without the texts of errors and without what only a type checker reads; files
that are not Python count as they are. So a comment or a message changes nothing, and an edited module
changes everything that imports it. Every process needs the digests, so what parsing a
file gives is stored under the digest of its bytes, and no file is parsed twice.
"""

import ast
import contextlib
import functools
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).parent
STORED = PACKAGE / "__pycache__"
MOST_TEXTS = 2000
"""The largest number of file versions whose digests are stored: ten times the number of files."""

DECIDE_NOTHING = ("superpos", "superpos.numerics.stored_code", "superpos.rebuild")
"""Modules that no digest covers. The first is the package's own `__init__`, which looks everything up by name
on request; the second stores compiled code; the last is this one, which jobs call."""

Found = tuple[list[str], str]
"""The modules that a file imports, and the digest of its code."""


@functools.cache
def code(*entries: str | Path, apart_from: tuple[str, ...] = ()) -> str:
    """The digest of modules ("superpos.metrics.geometry") or files and of everything they import.

    apart_from: modules that are left out, together with what only they import.
    """
    known = len(_stored())
    files = sorted(_closure([_file(e) if isinstance(e, str) else e for e in entries], apart_from))
    state = hashlib.blake2b(digest_size=8)
    for file in files:
        state.update(f"{file.name} {_found(file)[1]};".encode())
    if len(_stored()) > known:
        _store()
    return state.hexdigest()


def _closure(files: Iterable[Path | None], apart_from: Iterable[str] = ()) -> set[Path]:
    left_out = set(map(_file, apart_from))
    reached: set[Path] = set()
    waiting = [file for file in files if file is not None]
    while waiting:
        file = waiting.pop()
        if file not in reached:
            reached.add(file)
            imported = map(_file, _found(file)[0])
            waiting += [module for module in imported if module and module not in left_out]
    return reached


@functools.cache
def _file(module: str) -> Path | None:
    """The file of a module of this package; None for other packages and for names in a module."""
    first, *parts = module.split(".")
    if first != PACKAGE.name or module in DECIDE_NOTHING:
        return None
    path = PACKAGE.joinpath(*parts)
    return next((c for c in (path.with_suffix(".py"), path / "__init__.py") if c.is_file()), None)


@functools.cache
def _found(file: Path) -> Found:
    """What a file imports, and its digest."""
    content = file.read_bytes()
    name = hashlib.blake2b(content, digest_size=16).hexdigest()
    if file.suffix != ".py":
        return [], name
    if name not in _stored():
        _stored()[name] = _parsed(content)
    return _stored()[name]


def _parsed(content: bytes) -> Found:
    tree = _Bare().visit(ast.parse(content))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    ours = [name for name in names if name.split(".")[0] == PACKAGE.name]
    imports = {".".join(n.split(".")[:k]) for n in ours for k in range(1, n.count(".") + 2)}
    return sorted(imports), hashlib.blake2b(ast.dump(tree).encode(), digest_size=16).hexdigest()


class _Bare(ast.NodeTransformer):
    """Removes what cannot affect results: docstrings, texts of errors, and what only a type checker reads."""

    lazy = False
    """Whether the file imports annotations from __future__, so that Python never evaluates them."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(body := getattr(node, "body", None), list):
            node.body = [inner for inner in body if not _is_text(inner)] or [ast.Pass()]  # type: ignore[attr-defined]
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        self.lazy |= node.module == "__future__"
        node.names = [a for a in node.names if a.name not in ("annotations", "TYPE_CHECKING")]
        return node if node.names else None

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.AST]:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return [self.visit(inner) for inner in node.orelse]
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if self.lazy:
            node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        if self.lazy:
            node.annotation = None
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return _Wordless().visit(node)  # type: ignore[no-any-return]


class _Wordless(ast.NodeTransformer):
    """Removes string constants."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.Constant("")

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node


@functools.cache
def _stored() -> dict[str, Found]:
    """The stored imports and digests of files, by the digest of their bytes."""
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(_place().read_text(encoding="utf-8"))
        if isinstance(known, dict) and len(known) < MOST_TEXTS:
            return known
    return {}


def _store() -> None:
    """Store the imports and digests in one atomic write; do nothing if the folder is read-only."""
    with contextlib.suppress(OSError):
        STORED.mkdir(exist_ok=True)
        number, name = tempfile.mkstemp(dir=STORED)
        with open(number, "w", encoding="utf-8") as file:
            json.dump(_stored(), file)
        os.replace(name, _place())


@functools.cache
def _place() -> Path:
    """The path of the stored digests: one file per Python version and version of this module."""
    own = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=8).hexdigest()
    return STORED / f"code-{sys.implementation.cache_tag}-{own}.json"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)
