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


def unshaped(tree: ast.Module) -> Iterator[str]:
    """The public functions of a module that take or give an array of which no axis is named.

    Arrays in a mapping have no types of their own: the axes of each depend on its name.
    """
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            given = [one.annotation for one in ast.walk(node.args) if isinstance(one, ast.arg)]
            if any(map(names_no_axis, filter(None, [node.returns, *given]))):
                yield node.name


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


def test_an_array_without_axes_is_found():
    text = 'def f(x: np.ndarray | None): ...\ndef g(x: Float[np.ndarray, " run"]): ...\n'
    text += "def h(x: dict[str, np.ndarray]): ...\ndef k() -> tuple[np.ndarray, int]: ...\n"
    assert [*unshaped(ast.parse(text))] == ["f", "k"]


def test_the_axes_are_checked_under_pytest():
    with pytest.raises(TypeCheckError):
        closed_forms.saxe_loss(np.ones((3, 2)), np.ones(2))
