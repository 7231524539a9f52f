"""Claims about data and model size together: a map of the test loss over T and m (M5)."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from superpos.papers.double_descent import measures
from superpos.papers.double_descent.model_size.rises import HIGHER
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.statement import Statement

SECTION = "the map of the test loss over T and m: the text"

MORE = Statement("M5.more", "paper", "More training samples can hurt the test loss.")
BIGGER = Statement("M5.bigger", "paper", "A bigger model can hurt the test loss.")
RIDGE = Statement(
    "M5.ridge", "paper", "The bump is a ridge of the map: a bigger model has it at a larger T."
)


def _grid(t: Tables) -> pd.DataFrame:
    """The mean test loss over the training sets, a row for each m and a column for each T."""
    return t.runs.pivot_table("loss", "n_hidden", measures.T, "mean")


def _hurt(t: Tables, axis: int) -> float:
    """The number of cells whose test loss is lower than that of the next m (axis 0) or next T (axis 1)."""
    return float((np.diff(_grid(t).to_numpy(float), axis=axis) > HIGHER).sum())


def _ridge(t: Tables) -> float:
    """The rank correlation of m with the T at which its test loss is largest."""
    at = _grid(t).idxmax(axis=1)
    return measures.rank_correlation(at.index.to_numpy(float), at.to_numpy(float))


def _claims() -> Iterator[Claim]:
    claim = partial(make_claim, each=measures.SET)
    for name, statement, axis, what in (
        ("M5.more", MORE, 1, "the next T"),
        ("M5.bigger", BIGGER, 0, "the next m"),
    ):
        yield claim(
            name,
            "In {range} cells, the mean test loss at {what} is higher by more than {higher}.",
            at_least(3),
            partial(_hurt, axis=axis),
            of=statement,
            source=f"{SECTION}; three cells are our tolerance",
            what=what,
            higher=HIGHER,
        )
    yield claim(
        "M5.ridge",
        "From m = 2 to 8, the rank correlation of m and the T of its largest mean test loss is {range}.",
        at_least(0.7, high=1),
        _ridge,
        of=RIDGE,
        source="the map and a second figure of the appendix; 0.7 is our tolerance",
    )


CLAIMS = tuple(_claims())
