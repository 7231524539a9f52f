"""Read the tables of a run from its files."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from superpos.config.condition_table import RUN
from superpos.storage import store
from superpos.tables import Tables


def load_tables(
    experiments: Iterable[Path], theory: Iterable[Path] = (), along: bool = True
) -> Tables:
    """The concatenated tables of the experiments' folders, and the theory tables by name.

    along: whether to read the loss histories and the checkpoints, which are long.
    """
    kinds = ("runs", "features", "history", "checkpoints") if along else ("runs", "features")
    tables = {
        kind: [store.load_table(folder / f"{kind}.parquet") for folder in experiments]
        for kind in kinds
    }
    joined = {kind: pd.concat(parts, ignore_index=True) for kind, parts in tables.items() if parts}
    empty = {kind: pd.DataFrame(columns=[*RUN, "rank"]) for kind in ("runs", "features")}
    return Tables(**(empty | joined), theory={path.stem: store.load_table(path) for path in theory})
