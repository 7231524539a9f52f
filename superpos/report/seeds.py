"""Claims judged again with other base seeds: how many of the seeds each one holds for."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from superpos.report import departures, templates
from superpos.verdicts.outcomes import HOLDS, UNTESTED

CLAIM_COLUMNS = ["claim", "figure", "kind", "statement", "models", "text", "source", "low", "high"]


@dataclass(frozen=True)
class SeedRow:
    """A claim with its (value, verdict) by run, and the departures that explain why it fails."""

    claim: str
    text: str
    low: float
    high: float
    by_run: list[tuple[float, str]]
    held: int
    untested: int
    why: list[str]


def table(verdicts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row for each claim, with its value and verdict in each run.

    `held` and `untested` count the runs in which it holds and those in which it is not tested.
    verdicts: the table of verdicts of each run, by the run's name. Raises a ValueError if the runs
    judge different claims.
    """
    named = {name: t.set_index("claim") for name, t in verdicts.items()}
    first = next(iter(named.values()))
    for name, other in named.items():
        if set(other.index) != set(first.index):
            raise ValueError(f"{name}: it judges other claims than the first run; run both again")
    result = first.reset_index()[CLAIM_COLUMNS].copy()
    for name, other in named.items():
        result[f"value {name}"] = other["value"].reindex(first.index).to_numpy(float)
        result[f"verdict {name}"] = other["verdict"].reindex(first.index).to_numpy(str)
    given = result[[f"verdict {name}" for name in named]]
    return result.assign(
        held=(given == HOLDS).sum(axis=1), untested=(given == UNTESTED).sum(axis=1)
    )


def page(held: pd.DataFrame) -> str:
    """The page as HTML: how many claims hold in every run, and all claims, those that fail first."""
    names = [column.removeprefix("value ") for column in held if column.startswith("value ")]
    ordered = held.sort_values("held", kind="stable")
    rows = [
        SeedRow(
            **{name: row[name] for name in ("claim", "text", "low", "high", "held", "untested")},
            by_run=[(row[f"value {name}"], row[f"verdict {name}"]) for name in names],
            why=departures.titles(row["claim"]) if row["held"] < len(names) else [],
        )
        for row in ordered.to_dict("records")
    ]
    return templates.render("seeds.html", names=names, rows=rows)
