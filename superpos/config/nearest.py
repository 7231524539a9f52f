"""The nearest of some known names."""

import difflib
from collections.abc import Iterable


def said(name: str, known: Iterable[str]) -> str:
    """`did you mean ...? `, or nothing if no name is near; upper and lower case do not matter."""
    names = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), names, n=1)
    return f"did you mean {names[near[0]]}? " if near else ""
