"""Before training starts, raise an error or warn (once per process) if an engine is missing."""

import warnings
from collections.abc import Collection

from superpos.config.condition import Condition
from superpos.training import engines

SAID: set[str] = set()
"""The warnings that were already given in this process."""


def check_engine(engine: str, conditions: Collection[Condition], stacklevel: int) -> None:
    """Warn if an engine other than the requested one will train some of the conditions.

    Raises a ModuleNotFoundError if the reference engine is needed and torch is not installed.
    stacklevel: that of `warnings.warn`, counted from the caller.
    """
    engines.check_installed(engine, conditions)
    line = engines.fallback(engine, conditions)
    if line and line not in SAID:
        SAID.add(line)
        warnings.warn(line, stacklevel=stacklevel + 1)
