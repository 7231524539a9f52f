"""Read the tables of a run from its files."""

from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path

import pandas as pd

from superpos.config.condition_table import RUN
from superpos.storage import store
from superpos.tables import Tables

LONG = 50_000
"""The number of rows from which a table counts as long."""


def load_tables(experiments: Iterable[Path], theory: Iterable[Path] = ()) -> Tables:
    """The concatenated tables of the experiments' folders, and the theory tables by name.

    All tables except `runs` are read from their files when they are first used.
    """
    folders = list(experiments)
    features, history, checkpoints, samples = (
        cache(partial(_joined, folders, kind))
        for kind in ("features", "history", "checkpoints", "samples")
    )
    of_theory = {path.stem: store.load_table(path) for path in theory}
    runs = _joined(folders, "runs")
    return Tables(runs, features, history, checkpoints, of_theory, samples=samples)


def _joined(folders: list[Path], kind: str) -> pd.DataFrame:
    """The tables of one kind, one below the other.

    pandas selects rows of its string columns slowly. Python strings are quick to slice and categories
    are quick to copy, so short tables use Python strings and long tables use categories.
    """
    parts = [store.load_table(folder / f"{kind}.parquet") for folder in folders]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*RUN, "rank"])
    texts = object if len(table) < LONG else "category"
    # The copy has one block for each type instead of one for each column: rows are selected faster.
    return table.astype(dict.fromkeys(table.select_dtypes("str"), texts)).copy()
