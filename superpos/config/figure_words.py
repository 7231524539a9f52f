"""What a figure's file says of itself, read without running it: its words, and what it needs."""

import ast
import functools
from dataclasses import dataclass

from superpos import lookup
from superpos.config.needs import Needs

BEST = (
    "The best of all replicates of a condition by held-out loss, on one half of the held-out samples;"
    " the other half gives the loss. The lines under the picture say of how many, and which."
)
COMPUTED = "None: computed from the exact expected loss, nothing is trained."


@dataclass(frozen=True)
class Words:
    """`caption`; `section`, the folders of its paper and section; `shown`, how shown runs are picked."""

    caption: str
    section: str
    shown: str


def words(draw: str) -> Words:
    """The CAPTION and SHOWN of a figure's file, and its section; raises a ValueError without CAPTION.

    Without SHOWN a figure shows the best run of each condition, as `Tables.best` gives it.
    """
    said = _constants(_parsed(draw))
    if "CAPTION" not in said:
        raise ValueError(f"{_place(draw)}: it has no CAPTION; give it one, a text")
    section = "/".join(lookup.file("figure", draw).parts[-3:-1])
    return Words(said["CAPTION"], section, said.get("SHOWN", BEST))


@functools.cache
def needs(draw: str) -> Needs:
    """The NEEDS of a figure's file, nothing without one; raises a ValueError if it is not
    `Needs(...)` with literal values."""
    for node in _parsed(draw).body:
        if isinstance(node, ast.Assign) and any(map(_is_needs, node.targets)):
            return _evaluated(draw, node.value)
    return Needs()


def _is_needs(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "NEEDS"


def _evaluated(draw: str, value: ast.expr) -> Needs:
    try:
        if not isinstance(value, ast.Call) or value.args:
            raise ValueError("it is not a call of Needs with keywords")
        return Needs(**{str(k.arg): ast.literal_eval(k.value) for k in value.keywords})
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{_place(draw)}: NEEDS: {error}; give Needs(...) with literal values"
        ) from None


def _place(draw: str) -> str:
    return lookup.shown(lookup.file("figure", draw))


@functools.cache
def _parsed(draw: str) -> ast.Module:
    return ast.parse(lookup.file("figure", draw).read_text(encoding="utf-8"))


def _constants(module: ast.Module) -> dict[str, str]:
    """The texts that a module assigns to names of its own."""
    return {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
