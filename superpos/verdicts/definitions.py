"""What a claim measures, as a digest of its code.

A published table keeps the range and this digest of every claim. A claim may differ from the published
one, or be left out, only if an entry says why: tests/test_definitions.py compares them.
"""

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

from superpos import lookup
from superpos.tables.remembering import remembered
from superpos.verdicts.claim import Claim
from superpos.verdicts.correction import REARRANGED, Withdrawn

ROOMS = ("superpos.papers.", "superpos.verdicts.")
"""The packages whose functions and constants define what a claim measures; tests pin down the others."""


@dataclass(frozen=True)
class Definition:
    """A claim of a published table: its range, and the digest of its measuring code."""

    low: float
    high: float
    code: str

    @classmethod
    def of(cls, claim: Claim) -> "Definition":
        """The definition that the table stores for a claim."""
        return cls(claim.low, claim.high, measure_code(claim))


def withdrawn(paper: str = "*") -> list[Withdrawn]:
    """The claims that were withdrawn, of every paper or of one."""
    return [one for section in lookup.of_sections("withdrawn", paper) for one in section.WITHDRAWN]


def as_json(claims: Iterable[Claim]) -> str:
    """The table to publish, one claim to a line, so that changes are easy to see."""
    lines = (f"{json.dumps(c.claim)}: {json.dumps(asdict(Definition.of(c)))}" for c in claims)
    return "{\n" + ",\n".join(lines) + "\n}\n"


def measure_code(claim: Claim) -> str:
    """A digest of what a claim measures: its functions, constants, runs and conditions.

    Docstrings, comments and layout do not count.
    """
    parts = [repr((claim.experiments, sorted(claim.where.items()), claim.over, claim.theory))]
    parts += _described(claim.measure, set())
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()


def first_alike(claim: Claim, code: str) -> str:
    """The digest of the first code that measured the same, found by following recorded entries back from
    `code`."""
    for entry in reversed(claim.corrections):
        if entry.reason != REARRANGED:
            break
        code = entry.code
    return code


def _described(value: Any, seen: set[int]) -> Iterator[str]:
    """The text of a function or constant, and of those that it uses."""
    value = inspect.unwrap(value) if callable(value) else value
    if isinstance(value, partial):
        for part in (value.func, *value.args, *(x for _, x in sorted(value.keywords.items()))):
            yield from _described(part, seen)
        yield repr(sorted(value.keywords))
    elif inspect.isfunction(value) or inspect.isclass(value):
        if value.__module__.startswith(ROOMS) and id(value) not in seen:
            seen.add(id(value))
            yield _text(value)
            for used in _used(value):
                yield from _described(used, seen)
    elif isinstance(value, Mapping | tuple | list):
        for part in value.items() if isinstance(value, Mapping) else value:
            yield from _described(part, seen)
    elif not isinstance(value, ModuleType) and not callable(value):
        yield repr(value)


def _text(value: Callable[..., Any]) -> str:
    """The syntax of a function or class, without docstrings, annotations and `@remembered`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(value)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            node.decorator_list = [d for d in node.decorator_list if not _only_saves_time(d)]
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(tree)


def _only_saves_time(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Name) and called.id == remembered.__name__


def _used(value: Callable[..., Any]) -> Iterator[Any]:
    """The functions, classes and constants that a function or class uses, by name."""
    for function in _functions(value):
        yield from function.__defaults__ or ()
        for name in _names(function.__code__):
            if name in function.__globals__:
                yield function.__globals__[name]
            for module in _modules(function):
                if hasattr(module, name):
                    yield getattr(module, name)


def _functions(value: Callable[..., Any]) -> Iterator[FunctionType]:
    if inspect.isclass(value):
        for member in vars(value).values():
            inner = getattr(member, "func", None) or getattr(member, "fget", None) or member
            # From Python 3.13 on, dataclasses gives its records a function of its own, `__replace__`.
            if inspect.isfunction(inner) and inner.__module__ != "dataclasses":
                yield inspect.unwrap(inner)
    elif inspect.isfunction(value):
        yield inspect.unwrap(value)


def _modules(function: FunctionType) -> list[ModuleType]:
    """The modules in ROOMS that a function uses by name."""
    named = (function.__globals__.get(name) for name in _names(function.__code__))
    return [m for m in named if isinstance(m, ModuleType) and m.__name__.startswith(ROOMS)]


def _names(code: CodeType) -> list[str]:
    """The names that a function's code and the code inside it use, in a fixed order."""
    inner = [name for c in code.co_consts if isinstance(c, CodeType) for name in _names(c)]
    return sorted({*code.co_names, *inner})
