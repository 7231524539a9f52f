"""Judge the claims with other base seeds, and count the seeds with which each statement holds.

A seed's table has one row for each claim, with a digest of what the same code gives with the shipped base
seed. A row whose digest differs from the current one is out of date and is not counted.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from superpos.config.paper_files import FIRST
from superpos.report import departures, templates
from superpos.report.verdict_rows import VerdictRow
from superpos.verdicts import judging
from superpos.verdicts.outcomes import FAILS, HOLDS, PARTLY, UNTESTED, verdict
from superpos.verdicts.statement import KINDS

COLUMNS = ["claim", "statement", "kind", "models", "value", "verdict", "digest"]
"""The columns of a seed's table. `value` and `digest` are measured; the others say what they mean."""
COUNTED = [HOLDS, PARTLY, FAILS]
DEVIATIONS = 1.959964
"""How many standard deviations a 95% interval reaches from the middle of a normal distribution."""
LISTS = {
    "holds": "Robust: holds with every seed",
    "partly": "Depends on the seed",
    "fails": "Does not hold with any seed",
    "untested": "Not tested with any seed",
}
"""The lists of the page, and their headings."""

TablesBySeed = Mapping[int, pd.DataFrame]
"""A seed's table by base seed."""


def as_text(table: pd.DataFrame) -> str:
    """A seed's table as text, one claim to a line, so that changes are easy to see."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = table[COLUMNS].assign(value=table["value"].map("{:.9g}".format))
    writer.writerows(rows.to_numpy().tolist())
    return file.getvalue()


def table_from_text(text: str) -> pd.DataFrame:
    """The table that `as_text` wrote."""
    table = pd.DataFrame(csv.DictReader(io.StringIO(text)), columns=COLUMNS)
    return table.assign(value=table["value"].astype(float))


def lacking(table: pd.DataFrame, digests: Mapping[str, str]) -> list[str]:
    """The claims for which a seed's table has no row that is up to date."""
    known = {*_current(table, digests)["claim"]}
    return [claim for claim in digests if claim not in known]


def updated(
    table: pd.DataFrame, found: pd.DataFrame, shipped: pd.DataFrame, digests: Mapping[str, str]
) -> pd.DataFrame:
    """A seed's table with the values of new rows, for the claims of the shipped table of verdicts.

    found: rows with COLUMNS. Rows that are up to date are judged by the current ranges; the others do not
    change, and their digest shows that they are out of date.
    """
    kept = table[~table["claim"].isin(found["claim"])]
    rows = pd.concat([part[COLUMNS] for part in (kept, found)], ignore_index=True)
    judged = _judged(shipped, _current(rows, digests))
    old = rows[rows["claim"].isin(shipped["claim"]) & ~rows["claim"].isin(judged["claim"])]
    result = pd.concat([judged[COLUMNS], old])
    order = {claim: place for place, claim in enumerate(shipped["claim"])}
    return result.sort_values("claim", key=lambda c: c.map(order), ignore_index=True)


def statements_over_seeds(
    shipped: pd.DataFrame, by_seed: TablesBySeed, digests: Mapping[str, str]
) -> pd.DataFrame:
    """A row for each statement: with how many seeds it holds, beside its verdict in the shipped run.

    Of `seeds`, the seeds that test it and are up to date, it holds with `held` and in part with `part`.
    `low` to `high` is the 95% interval of the probability that it holds. `recipe_held` and
    `recipe_seeds` are the same for the models trained by the authors' recipe.
    """
    size = shipped["statement"].value_counts()
    judged = []
    for table in by_seed.values():
        rows = _judged(shipped, _current(table, digests))
        names = rows["statement"]
        whole = names.map(names.value_counts()) == names.map(size)
        judged.append(judging.statements(rows[whole]))
    every = pd.concat(judged) if judged else judging.statements(shipped[:0])
    result = judging.statements(shipped).rename(columns={"verdict": "shipped"})
    main, recipe = (_counts(every, c, result["statement"]) for c in ("verdict", "recipe"))
    intervals = [wilson_interval(*pair) for pair in zip(main[HOLDS], main.sum(axis=1), strict=True)]
    return result.assign(
        **{"held": main[HOLDS].to_numpy(), "part": main[PARTLY].to_numpy()},
        **{"seeds": main.sum(axis=1).to_numpy(), "recipe_held": recipe[HOLDS].to_numpy()},
        **{"recipe_seeds": recipe.sum(axis=1).to_numpy()},
        **{"low": [low for low, _ in intervals], "high": [high for _, high in intervals]},
    )


def robust(statements: pd.DataFrame) -> pd.Series:
    """Whether each statement holds with every seed that tests it, and some seed does."""
    return (statements["seeds"] > 0) & (statements["held"] == statements["seeds"])


def in_list(held: int, seeds: int) -> str:
    """The key in LISTS of a statement that holds with `held` of `seeds` seeds."""
    if not seeds:
        return "untested"
    return "holds" if held == seeds else "partly" if held else "fails"


def seeds_summary(statements: pd.DataFrame) -> str:
    """How many of the paper's statements hold with every seed that is up to date."""
    paper = statements[statements["kind"] == "paper"]
    if not paper["seeds"].sum():
        return "No statement of the paper was judged with another base seed"
    seeds = " to ".join(map(str, sorted({paper["seeds"].min(), paper["seeds"].max()})))
    count = f"{int(robust(paper).sum())} of {len(paper)} statements of the paper hold"
    return f"{count} with " + (
        "the one other base seed that was tried"
        if seeds == "1"
        else f"each of {seeds} other base seeds"
    )


def wilson_interval(held: int, seeds: int) -> tuple[float, float]:
    """Wilson's 95% interval of a probability, if `held` of that many seeds hold."""
    if not seeds:
        return 0.0, 1.0
    z, share = DEVIATIONS / np.sqrt(seeds), held / seeds
    middle, off = share + z**2 / 2, z * np.sqrt(share * (1 - share) + z**2 / 4)
    ends = np.clip([(middle - off) / (1 + z**2), (middle + off) / (1 + z**2)], 0, 1)
    return float(ends[0]), float(ends[1])


@dataclass(frozen=True)
class ClaimRow:
    """A claim of a statement: the verdict of the shipped run, and its values over the seeds as a spread."""

    shipped: VerdictRow
    held: int
    seeds: int


@dataclass(frozen=True)
class SeedsRow:
    """A statement with the number of seeds with which it holds, its claims, and departures that explain
    failures."""

    statement: str
    kind: str
    text: str
    shipped: str
    single: float
    held: int
    part: int
    seeds: int
    low: float
    high: float
    recipe_held: int
    recipe_seeds: int
    claims: list[ClaimRow]
    why: list[str]
    trained: bool

    @property
    def list(self) -> str:
        """The key in LISTS of this statement."""
        return in_list(self.held, self.seeds)


def page(shipped: pd.DataFrame, by_seed: TablesBySeed, digests: Mapping[str, str]) -> str:
    """The page as HTML: the paper's statements first, grouped by the number of seeds with which they hold."""
    claims = _claim_rows(shipped, by_seed, digests)
    rows = [
        _statement_row(row, [c for c in claims if c.shipped.statement == row["statement"]])
        for row in statements_over_seeds(shipped, by_seed, digests).to_dict("records")
    ]
    late = {seed: names for seed, table in by_seed.items() if (names := lacking(table, digests))}
    return templates.fill_in(
        "seeds.html",
        seeds=[seed for seed in by_seed if len(late.get(seed, [])) < len(digests)],
        late=late,
        claims=len(digests),
        rows=rows,
        kinds=KINDS,
        lists=LISTS,
    )


def _current(table: pd.DataFrame, digests: Mapping[str, str]) -> pd.DataFrame:
    """The rows that are up to date."""
    return table[table["digest"] == table["claim"].map(digests)]


def _judged(shipped: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The shipped table of verdicts with the values of these rows, judged by the shipped ranges."""
    others = shipped.drop(columns=["value", "verdict", "digest"], errors="ignore")
    joined = others.merge(rows[["claim", "value", "verdict", "digest"]], on="claim")
    holds = joined["value"].between(joined["low"], joined["high"]).map(verdict)
    return joined.assign(verdict=holds.where(joined["verdict"] != UNTESTED, UNTESTED))


def _counts(every: pd.DataFrame, column: str, names: pd.Series) -> pd.DataFrame:
    """How often each statement got each verdict, with a column for each verdict in COUNTED."""
    table = pd.crosstab(every["statement"], every[column])
    return table.reindex(index=names, columns=COUNTED, fill_value=0)


def _claim_rows(
    shipped: pd.DataFrame, by_seed: TablesBySeed, digests: Mapping[str, str]
) -> list[ClaimRow]:
    every = [_judged(shipped, _current(table, digests)) for table in by_seed.values()]
    found = pd.concat(every) if every else shipped[:0]
    found = found[found["verdict"] != UNTESTED]
    groups: dict[Any, pd.DataFrame] = dict(iter(found.groupby("claim")))
    return [_claim_row(row, groups.get(row["claim"])) for row in shipped.to_dict("records")]


def _claim_row(row: Mapping[Any, Any], found: pd.DataFrame | None) -> ClaimRow:
    names = ("claim", "figure", "kind", "statement", "text", "source", "value", "low", "high")
    kept = {name: row[name] for name in (*names, "verdict", "models")}
    if found is None:
        return ClaimRow(VerdictRow(**kept), 0, 0)
    values = found["value"]
    spread = {"replicate_low": values.min(), "replicate_high": values.max()}
    shown = VerdictRow(**kept, **spread, replicate_median=values.median())
    return ClaimRow(shown, int((found["verdict"] == HOLDS).sum()), len(found))


def _statement_row(row: Mapping[Any, Any], claims: list[ClaimRow]) -> SeedsRow:
    about = {c.claim: c for c in judging.claims()}
    names = [claim.shipped.claim for claim in claims]
    titles = [t for name in names for t in departures.titles(name, FIRST.name)]
    always = row["held"] == row["seeds"]
    return SeedsRow(
        **{key: value for key, value in row.items() if key in SeedsRow.__annotations__},
        claims=claims,
        why=[] if always else list(dict.fromkeys(titles)),
        trained=any(about[name].experiments for name in names if name in about),
    )
