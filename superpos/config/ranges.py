"""Check the ranges of a theory table's settings, before any job starts."""

from collections.abc import Iterable
from numbers import Real
from typing import Any

from superpos.config.grids import expand

MOST_ROWS = 1_000_000
"""Rows of a table of theory."""


def refuse_outside(name: str, values: Iterable[Any], low: float, high: float) -> None:
    """Raise a ValueError for the first value that is not a number from `low` to `high`."""
    for value in values:
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not (number and low <= value <= high):
            raise ValueError(f"{name}: {value!r}; give numbers from {low:g} to {high:g}")


def axis(name: str, values: Any, low: float, high: float) -> int:
    """The number of values of a list or grid; raises a ValueError unless all are from `low` to `high`."""
    expanded = expand(name, values)
    refuse_outside(name, expanded, low, high)
    return len(expanded)


def few(rows: int) -> None:
    """Raise a ValueError if a table would have too many rows."""
    if rows > MOST_ROWS:
        raise ValueError(f"the table would have {rows} rows; give values for at most {MOST_ROWS}")
