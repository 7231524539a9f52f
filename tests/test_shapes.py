"""The shapes of arrays that public functions take and return are types, which the tests check."""

import ast
from collections.abc import Iterator

import numpy as np
import pytest
import shapes
from jaxtyping import TypeCheckError
from test_architecture import MODULES, room

from superpos.theory import closed_forms

ROOMS = {"data", "metrics", "models", "theory", "verdicts"}
"""The rooms in which every public function has them."""


def unshaped(tree: ast.Module) -> Iterator[str]:
    """The public functions of a module that take or give an array of which no axis is named."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            own = [
                node.returns,
                *(arg.annotation for arg in ast.walk(node.args) if isinstance(arg, ast.arg)),
            ]
            for one in filter(None, own):
                shaped = {
                    id(inner.elts[0]) for inner in ast.walk(one) if isinstance(inner, ast.Tuple)
                }
                arrays = [
                    n for n in ast.walk(one) if ast.unparse(n) in ("np.ndarray", "torch.Tensor")
                ]
                if any(
                    id(array) not in shaped for array in arrays if isinstance(array, ast.Attribute)
                ):
                    yield node.name
                    break


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_every_public_function_of_a_room_names_the_axes_of_its_arrays(name):
    found = {
        f"{module}.{function}"
        for module, path in MODULES.items()
        if room(module) == name
        for function in unshaped(ast.parse(path.read_text()))
    }
    assert found == set()


def test_an_array_without_axes_is_found():
    text = 'def f(x: np.ndarray | None): ...\ndef g(x: Float[np.ndarray, " run"]): ...\n'
    assert [*unshaped(ast.parse(text))] == ["f"]


def test_the_axes_are_checked_under_pytest():
    with pytest.raises(TypeCheckError):
        closed_forms.saxe_loss(np.ones((3, 2)), np.ones(2))
    assert "superpos.theory.closed_forms.mean" in {
        f"{f.__module__}.{f.__name__}"
        for f in vars(closed_forms).values()
        if hasattr(f, "__wrapped__")
    }
    assert shapes.KINDS
