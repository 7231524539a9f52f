"""The replicates of an experiment of one condition: their checkpoints, and the best of them."""

from collections.abc import Iterator

import pandas as pd

from superpos.tables import Tables


def checkpoints(tables: Tables) -> Iterator[tuple[int, pd.DataFrame]]:
    """Each replicate with its rows of `checkpoints`, by step and feature."""
    rows = tables.checkpoints.sort_values(["replicate", "step", "feature"])
    for _, own in rows.groupby("replicate"):
        yield int(own["replicate"].iloc[0]), own


def best(tables: Tables) -> int:
    """The replicate of the lowest rank. Runs that were left out have rank -1 and come last."""
    rank = tables.runs["rank"].where(tables.runs["rank"] >= 0, len(tables.runs))
    return int(tables.runs["replicate"].iloc[rank.argmin()])
