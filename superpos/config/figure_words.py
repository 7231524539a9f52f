"""Read what a figure's file declares, its texts and its needs, without running it."""

import ast
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from superpos import lookup
from superpos.config import swept
from superpos.config.needs import Needs

BEST = (
    "The best of all replicates of a condition by held-out loss, on one half of the held-out samples;"
    " the other half gives the loss. The lines under the picture say which runs are shown and how many"
    " there were."
)
COMPUTED = "None: the figure is computed from the exact expected loss, without training."


@dataclass(frozen=True)
class FigureWords:
    """The texts that the file of a figure declares.

    section: the folders of its paper and section; shown: how the runs that it shows are chosen.
    """

    caption: str
    section: str
    shown: str

    @property
    def start(self) -> str:
        """The start of the caption, up to its first stop: a title for a figure without an experiment."""
        return re.split(r"[.:;,](?= |$)", self.caption)[0]


def read_words(draw: str) -> FigureWords:
    """The CAPTION, SHOWN and section of a figure; raises a ValueError if it has no CAPTION.

    A figure without SHOWN shows the best run of each condition, as `Tables.best` gives it.
    """
    said = _constants(_parsed(draw))
    if "CAPTION" not in said:
        raise ValueError(f"{_place(draw)}: it has no CAPTION; give it one, as text")
    section = "/".join(lookup.file("figure", draw).parts[-3:-1])
    return FigureWords(said["CAPTION"], section, said.get("SHOWN", BEST))


def caption(draw: str, points: Sequence[swept.Values]) -> str:
    """The CAPTION of a figure, with {swept} replaced by a sentence about these swept values."""
    return read_words(draw).caption.replace("{swept}", swept.sentence(points))


@functools.cache
def read_needs(draw: str) -> Needs:
    """The NEEDS of a figure, or no needs if it has none.

    Raises a ValueError unless they are written as `Needs(...)` with literal values.
    """
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
    return lookup.shown_path(lookup.file("figure", draw))


@functools.cache
def _parsed(draw: str) -> ast.Module:
    return ast.parse(lookup.file("figure", draw).read_text(encoding="utf-8"))


def _constants(module: ast.Module) -> dict[str, str]:
    """The texts that a module assigns to names."""
    return {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
