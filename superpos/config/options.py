"""Check a figure's options and a theory table's settings, the arguments of a function in their file."""

import ast
import functools
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from superpos import lookup
from superpos.config.condition import Count, Fraction, NonNegative, Number, Positive

FUNCTIONS = {"figure": ("draw", 1), "theory table": ("table", 0)}
"""The function that takes the options, and how many of its arguments the pipeline gives."""
TYPES = {
    **{"int": int, "float": float, "str": str, "bool": bool, "None": None},
    **{"Count": Count, "Fraction": Fraction, "NonNegative": NonNegative, "Positive": Positive},
    "Number": Number,
}


def check_options(kind: str, name: str, options: Mapping[str, JsonValue]) -> None:
    """Raise a ValueError for an option that is unknown, is missing, or has a wrong type or value."""
    known = _arguments(kind, name)
    for key, value in options.items():
        lookup.refuse_unknown(f"option of {name}", key, list(known))
        _check_type(key, known[key][1], value)
    for key, (needed, _) in known.items():
        if needed and key not in options:
            raise ValueError(f"{key}: missing; {kind} {name} needs it")
    if kind == "theory table" and hasattr(module := lookup.load(kind, name), "check"):
        module.check(**options)


def _check_type(key: str, kind: Any, value: Any) -> None:
    try:
        TypeAdapter(kind, config=ConfigDict(strict=True)).validate_python(value)
    except ValidationError as error:
        said = error.errors()[0]
        place = ".".join(map(str, (key, *(p for p in said["loc"] if isinstance(p, int)))))
        raise ValueError(f"{place}: {said['input']!r}: {said['msg'].lower()}") from None


def _arguments(kind: str, name: str) -> dict[str, tuple[bool, Any]]:
    """Each argument that a config may give: whether it is required, and its type.

    The annotations are read from the source text, because importing a figure imports matplotlib.
    """
    return _read(lookup.file(kind, name).read_text(encoding="utf-8"), *FUNCTIONS[kind])


@functools.cache
def _read(text: str, function: str, given: int) -> dict[str, tuple[bool, Any]]:
    """The arguments of a function in a source text, without the first ones, which the pipeline supplies."""
    tree = ast.parse(text)
    functions = {node.name: node.args for node in tree.body if isinstance(node, ast.FunctionDef)}
    args = functions[function]
    named = (args.args + args.kwonlyargs)[given:]
    optional = len(args.defaults) + sum(default is not None for default in args.kw_defaults)
    return {
        argument.arg: (place < len(named) - optional, _type(argument.annotation))
        for place, argument in enumerate(named)
    }


def _type(node: ast.expr | None) -> Any:
    """The type that an annotation names; Any if a config cannot hold it."""
    match node:
        case ast.Name(id=word) if word in TYPES:
            return TYPES[word]
        case ast.Constant(value=None):
            return None
        case ast.BinOp(left=left, right=right):
            return _type(left) | _type(right) if Any not in (_type(left), _type(right)) else Any
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            return Literal[ast.literal_eval(inner)]
        case ast.Subscript(value=ast.Name(id="list" | "Sequence" | "tuple"), slice=inner):
            each = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
            return Annotated[list[_type(each)], Field(min_length=1)]  # type: ignore[misc]
    return Any
