"""Keep what is computed from some tables as long as the tables: many claims read the same."""

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

    It is called once for each `Tables`, and with these columns alone, so that it copies no others.
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
