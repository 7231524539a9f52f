"""Rows of the table of verdicts, as the pages show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import pandas as pd

NAN = float("nan")


@dataclass(frozen=True)
class VerdictRow:
    """A claim with its verdict; a field that the table does not give is NaN or "".

    low, high: the accepted range; replicate_low to replicate_high: the spread over `replicates` runs;
    replicates_hold: the fraction of replicates for which the claim holds; best_of_holds: the
    probability that it holds for the best of k replicates, for each k of best_of; old_low, old_high: the
    range before the correction.
    """

    claim: str
    figure: str
    kind: str
    statement: str
    text: str
    source: str
    value: float
    low: float
    high: float
    verdict: str
    models: str = "main"
    reason: str = ""
    correction: str = ""
    replicates: int = 0
    replicate_low: float = NAN
    replicate_median: float = NAN
    replicate_high: float = NAN
    replicates_hold: float = NAN
    best_of: Sequence[int] = ()
    best_of_holds: Sequence[float] = ()
    old_low: float = NAN
    old_high: float = NAN


def by_claim(table: pd.DataFrame) -> Iterator[VerdictRow]:
    """The rows of a table of verdicts."""
    known = [field.name for field in fields(VerdictRow) if field.name in table]
    return (VerdictRow(**row) for row in table[known].to_dict("records"))
