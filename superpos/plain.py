"""Plain values: what YAML may hold that JSON can hold too, so that it reaches every job unchanged."""

import math
from collections.abc import Mapping
from typing import Any

DEEPEST = 20
"""How deep values may be nested: more is an anchor of YAML that contains itself."""


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
    elif type(value) is float and not math.isfinite(value):
        raise ValueError(f"{place}: {value!r} is no finite number")
    elif type(value) not in (str, int, float, bool, type(None)):
        kind = type(value).__name__
        raise ValueError(
            f"{place}: {value!r} is a {kind}; give text, a number, a list or a mapping"
        )
