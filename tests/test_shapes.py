"""The shapes of arrays that public functions take and return are types, which the tests check."""

import ast
import re
from collections.abc import Iterator

import numpy as np
import pytest
from jaxtyping import TypeCheckError
from test_architecture import MODULES, room

from superpos.theory import closed_forms

ROOMS = {"data", "metrics", "models", "numerics", "theory", "training", "verdicts"}
"""The rooms in which every public function has them, except compiled code."""


def public(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def unshaped(tree: ast.Module) -> Iterator[str]:
    """The public functions of a module that take or give an array of which no axis is named.

    Arrays in a mapping have no types of their own: the axes of each depend on its name.
    """
    for function in public(tree):
        if any(map(names_no_axis, filter(None, annotations(function)))):
            yield function.name


def annotations(function: ast.FunctionDef) -> list[ast.expr | None]:
    """Those of its result and of its parameters, or None for what has no type."""
    args = function.args
    given = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return [function.returns, *(one.annotation for one in given if one)]


def untyped(tree: ast.Module) -> Iterator[str]:
    """The public functions of a module in which a parameter or the result has no type."""
    for function in public(tree):
        if None in annotations(function):
            yield function.name


def names_no_axis(annotation: ast.expr) -> bool:
    """Whether it has an array without axes, or axes that ruff has freed from their quotes.

    It does so if they can be read as Python, and then nothing is checked: begin them with a space.
    """
    text = re.sub(r"(dict|Mapping)\[[^\[\]]*np\.ndarray\]", "", ast.unparse(annotation))
    return bool(re.search(r"(np\.ndarray|torch\.Tensor)(?!, ['\"])", text))


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_every_public_function_of_a_room_names_the_axes_of_its_arrays(name):
    found = {
        f"{module}.{function}"
        for module, path in MODULES.items()
        if room(module) == name and ".kernels" not in module
        for function in unshaped(ast.parse(path.read_text()))
    }
    assert found == set()


@pytest.mark.parametrize("name", sorted(ROOMS - {"numerics"}))
def test_every_public_function_of_a_room_has_types(name):
    """In numerics, functions that only kernels call have none."""
    found = {
        f"{module}.{function}"
        for module, path in MODULES.items()
        if room(module) == name and ".kernels" not in module
        for function in untyped(ast.parse(path.read_text()))
    }
    assert found == set()


def test_a_function_without_types_is_found():
    text = "def f(W, p: float) -> float: ...\ndef g(p: float): ...\ndef _h(W): ...\n"
    text += "def k(a: int, /, *b: int, c: int = 1, **d: int) -> int: ...\ndef m(*b) -> int: ...\n"
    assert [*untyped(ast.parse(text))] == ["f", "g", "m"]


def test_an_array_without_axes_is_found():
    text = 'def f(x: np.ndarray | None): ...\ndef g(x: Float[np.ndarray, " run"]): ...\n'
    text += "def h(x: dict[str, np.ndarray]): ...\ndef k() -> tuple[np.ndarray, int]: ...\n"
    assert [*unshaped(ast.parse(text))] == ["f", "k"]


def test_the_axes_are_checked_under_pytest():
    with pytest.raises(TypeCheckError):
        closed_forms.saxe_loss(np.ones((3, 2)), np.ones(2))
