"""The page of other base seeds: with how many of them each statement of the first paper holds."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from superpos.report import seeds
from superpos.report.site.markdown import escaped, joined, table
from superpos.report.templates import short
from superpos.storage import store
from superpos.verdicts.statement import KINDS

HEAD = (
    "statement",
    "what is stated",
    "published run",
    "holds with",
    "95 % interval",
    "single runs",
)


def site_part(docs: Path) -> str:
    """How many statements hold with every other seed, then a table for each kind of statement."""
    rows = store.load_table(docs / "seeds.parquet")
    kinds = [
        joined(
            f"## {heading}",
            table(HEAD, map(_row, rows[rows["kind"] == kind].to_dict("records"))),
        )
        for kind, heading in KINDS.items()
    ]
    return joined(f"**{seeds.seeds_summary(rows)}.**", *kinds)


def _row(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    count = row["seeds"]
    return (
        f"`{row['statement']}`",
        escaped(row["text"]),
        row["shipped"],
        f"{row['held']} of {count}" + (f", in part with {row['part']}" if row["part"] else ""),
        f"{row['low']:.2f} to {row['high']:.2f}" if count else "–",
        short(row["single"]),
    )
