"""Warn, once in a process, that other engines train what the wanted engine cannot."""

import warnings
from collections.abc import Collection

from superpos.config.condition import Condition
from superpos.training import block

SAID: set[str] = set()
"""The warnings that were given."""


def warn_of_fallback(engine: str, conditions: Collection[Condition], stacklevel: int) -> None:
    """Warn if other engines than the one that is wanted train some of the conditions.

    stacklevel: as of `warnings.warn`, counted from the caller.
    """
    line = block.fallback(engine, conditions)
    if line and line not in SAID:
        SAID.add(line)
        warnings.warn(line, stacklevel=stacklevel + 1)
