"""What a figure's file says of itself, read without running it: its caption, section and rule."""

import ast
from dataclasses import dataclass
from pathlib import Path

from superpos import plugins

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
    said = _constants((FOLDER / f"{draw}.py").read_text(encoding="utf-8"))
    if "CAPTION" not in said:
        raise ValueError(f"superpos/figures/{draw}.py: it has no CAPTION; give it one, a text")
    return Words(said["CAPTION"], said.get("SECTION", ""), said.get("SHOWN", BEST))


def _constants(source: str) -> dict[str, str]:
    """The texts that a module assigns to names of its own."""
    return {
        target.id: node.value.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
