"""Plain values: what YAML may hold that JSON can hold too, so that it reaches every job unchanged."""

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

DEEPEST = 20
"""How deep values may be nested: more is an anchor of YAML that contains itself."""
MOST_BITS = 512
"""Of a whole number."""
LONGEST_LINE = 480
"""Characters of a message."""


def one_line(message: str) -> str:
    """A message in one line that a terminal can show: long values lose their middle."""
    shown = visible(message[:100_000])
    if len(shown) <= LONGEST_LINE:
        return shown
    half = LONGEST_LINE // 2 - 3
    return f"{shown[:half]} ... {shown[-half:]}"


def visible(text: str, kept: str = "") -> str:
    """The text with control characters spelled out, except those in `kept`: a terminal obeys them."""
    return "".join(
        c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in text
    )


def check(place: str, value: Any, depth: int = 0) -> None:
    """Raise a ValueError that names the first part, below `place`, that is not plain."""
    if depth > DEEPEST:
        raise ValueError(f"{place}: nested more than {DEEPEST} deep; write it without an anchor")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if type(key) is not str or not key.isprintable() or not key:
                where = place or "config"
                raise ValueError(f"{where}: key {key!r} is no printable text; put it in quotes")
            check(f"{place}.{key}" if place else key, inner, depth + 1)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            check(f"{place}.{i}", inner, depth + 1)
    elif problem := _problem(value):
        raise ValueError(f"{place}: {problem}")


def _problem(value: Any) -> str:
    """What is not plain about a value that holds no others."""
    if type(value) is float and not math.isfinite(value):
        return f"{value!r} is no finite number"
    if type(value) is int and value.bit_length() > MOST_BITS:
        return f"a whole number of {value.bit_length()} bits; give a smaller one"
    if type(value) is str and (odd := next(filter(_unseen, value), "")):
        return f"{value!r} has the control character {odd!r}; leave it out"
    if type(value) not in (str, int, float, bool, type(None)):
        kind = type(value).__name__
        return f"{value!r} is a {kind}; give text, a number, a list or a mapping"
    return ""


def _unseen(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs")
