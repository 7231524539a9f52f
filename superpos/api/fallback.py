"""Warn, once in a process, that other engines train what the GPU engine cannot."""

import functools
import warnings
from collections.abc import Collection

from superpos.config.condition import Condition
from superpos.training import block


def warn_of_fallback(engine: str, conditions: Collection[Condition]) -> None:
    """Warn if `gpu` is wanted and other engines train some of the conditions."""
    if line := block.fallback(engine, conditions):
        _warn_once(line)


@functools.cache
def _warn_once(line: str) -> None:
    warnings.warn(line, stacklevel=4)
