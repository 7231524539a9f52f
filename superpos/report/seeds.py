"""Claims judged again with other base seeds: which hold in how many of them."""

from collections.abc import Mapping

import pandas as pd

from superpos.report import departures, templates
from superpos.verdicts.outcomes import HOLDS, UNTESTED

WORDS = ["claim", "figure", "statement", "source", "low", "high"]


def table(verdicts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a claim: value and verdict under each name; `held` and `untested`, in how many it
    holds, and in how many it is not tested.

    verdicts: the table of claims of each run, by the run's name; they must judge the same claims.
    """
    named = {name: t.set_index("claim") for name, t in verdicts.items()}
    first = next(iter(named.values()))
    for name, other in named.items():
        if set(other.index) != set(first.index):
            raise ValueError(f"{name}: it judges other claims than the first run; run both again")
    result = first.reset_index()[WORDS].copy()
    for name, other in named.items():
        result[f"value {name}"] = other["value"].reindex(first.index).to_numpy(float)
        result[f"verdict {name}"] = other["verdict"].reindex(first.index).to_numpy(str)
    given = result[[f"verdict {name}" for name in named]]
    return result.assign(
        held=(given == HOLDS).sum(axis=1), untested=(given == UNTESTED).sum(axis=1)
    )


def page(held: pd.DataFrame) -> str:
    """The page as HTML: how many claims hold in every run, then those that do not, and why."""
    names = [column.removeprefix("value ") for column in held if column.startswith("value ")]
    rows = held.sort_values("held", kind="stable").to_dict("records")
    for row in rows:
        row["why"] = departures.titles(row["claim"]) if row["held"] < len(names) else []
    return templates.render("seeds.html", names=names, rows=rows)
