"""Docstrings as Sphinx reads them: it expects reStructuredText, and ours are written as Markdown."""

import re
from collections.abc import Sequence

CODE = re.compile(r"(`[^`]+`)")
SPECIAL = re.compile(r"([\\*|_])")
"""Characters that reStructuredText interprets as markup."""
INDENTED = re.compile(r"(?:(?<=\n\n)|\A)((?: {4}.*(?:\n|\Z)|\n(?= {4}))+)")
"""Indented lines after an empty line, which are code."""


def restructured(lines: Sequence[str]) -> list[str]:
    """The lines of a docstring: names in single backquotes become code, and so do indented blocks."""
    parts = INDENTED.split("\n".join(lines))
    shown = [_text(part) if i % 2 == 0 else f"::\n\n{part}" for i, part in enumerate(parts)]
    return "".join(shown).split("\n")


def _text(text: str) -> str:
    """Text escaped so that code is its only markup."""
    parts = CODE.split(text)
    return "".join(
        SPECIAL.sub(r"\\\1", part) if i % 2 == 0 else f"`{part}`" for i, part in enumerate(parts)
    )
