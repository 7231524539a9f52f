"""What a figure's file says of itself, read without running it: its words, and what it needs."""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

from superpos import plugins
from superpos.needs import Needs

FOLDER = Path(__file__).parent / "figures"
BEST = (
    "The best of all replicates of a condition by held-out loss, on one half of the held-out samples;"
    " the other half gives the loss. The lines under the picture say of how many, and which."
)
COMPUTED = "None: computed from the exact expected loss, nothing is trained."


@dataclass(frozen=True)
class Words:
    """`caption`; `section`, a name of `superpos.paper` or none; `shown`, how shown runs are picked."""

    caption: str
    section: str
    shown: str


def words(draw: str) -> Words:
    """The CAPTION, SECTION and SHOWN of a file of superpos/figures; raises a ValueError without CAPTION.

    Without SHOWN a figure shows the best run of each condition, as `Tables.best` gives it.
    """
    plugins.check("figure", draw)
    said = _constants(_parsed(draw))
    if "CAPTION" not in said:
        raise ValueError(f"superpos/figures/{draw}.py: it has no CAPTION; give it one, a text")
    return Words(said["CAPTION"], said.get("SECTION", ""), said.get("SHOWN", BEST))


@functools.cache
def needs(draw: str) -> Needs:
    """The NEEDS of a file of superpos/figures, nothing without one; raises a ValueError if it is not
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
            f"superpos/figures/{draw}.py: NEEDS: {error}; give Needs(...) with literal values"
        ) from None


@functools.cache
def _parsed(draw: str) -> ast.Module:
    return ast.parse((FOLDER / f"{draw}.py").read_text(encoding="utf-8"))


def _constants(module: ast.Module) -> dict[str, str]:
    """The texts that a module assigns to names of its own."""
    return {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
