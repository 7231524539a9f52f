"""Text and tables as Markdown."""

import re
from collections.abc import Iterable, Sequence

SPECIAL = re.compile(r"([\\*_\[\]<>|#~$^])")
"""Characters that Markdown may interpret as markup."""


def escaped(text: str) -> str:
    """Text escaped so that Markdown finds no markup in it, except code between backquotes."""
    parts = text.split("`")
    shown = [
        SPECIAL.sub(r"\\\1", p) if i % 2 == 0 else p.replace("|", "\\|")
        for i, p in enumerate(parts)
    ]
    return "`".join(shown)


def row(*cells: object) -> str:
    """A row of a table. The cells are Markdown without line breaks."""
    return "| " + " | ".join(" ".join(str(cell).split()) for cell in cells) + " |"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table, or nothing if it has no rows."""
    lines = [row(*cells) for cells in rows]
    return "\n".join([row(*head), "|---" * len(head) + "|", *lines, ""]) if lines else ""


def joined(*parts: str) -> str:
    """Parts with an empty line between them, without those that are empty."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
