"""Cache what is computed from tables for as long as the tables exist, because many claims need it."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

import pandas as pd

from superpos.tables import Tables

Found = TypeVar("Found")


def remembered(
    *columns: str,
) -> Callable[[Callable[[Tables], Found]], Callable[[Tables], Found]]:
    """Decorate a function of tables that reads only these columns of `runs` and `features`.

    It is called only once for each `Tables`, and gets copies that have only these columns.
    """

    def decorated(measure: Callable[[Tables], Found]) -> Callable[[Tables], Found]:
        known: WeakKeyDictionary[Tables, Found] = WeakKeyDictionary()

        @wraps(measure)
        def recalled(tables: Tables) -> Found:
            if tables not in known:
                narrow = (_only(t, columns) for t in (tables.runs, tables.features))
                known[tables] = measure(Tables(*narrow))
            return known[tables]

        return recalled

    return decorated


def _only(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    return table[[name for name in columns if name in table]]
