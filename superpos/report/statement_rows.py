"""Statements with their claims, as the pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from superpos.report import verdict_rows
from superpos.report.verdict_rows import VerdictRow
from superpos.verdicts import judging
from superpos.verdicts.outcomes import FAILS, HOLDS, PARTLY, UNTESTED, summary
from superpos.verdicts.statement import KINDS


@dataclass(frozen=True)
class StatementRow:
    """A statement with its verdict and its claims; `recipe` is "" unless the recipe was judged too."""

    statement: str
    figure: str
    kind: str
    text: str
    verdict: str
    hold: int
    tested: int
    recipe: str
    claims: list[VerdictRow]

    @property
    def after_recipe(self) -> str:
        """The verdict after the authors' recipe, and on how many claims; "" if none was tested after it."""
        own = [c for c in self.claims if c.models == "recipe" and c.verdict != UNTESTED]
        held = sum(c.verdict == HOLDS for c in own)
        return f"after the authors’ recipe: {self.recipe}, {held} of {len(own)}" if own else ""

    @property
    def failing(self) -> list[VerdictRow]:
        """The claims that do not hold."""
        return [claim for claim in self.claims if claim.verdict == FAILS]


def by_statement(table: pd.DataFrame) -> list[StatementRow]:
    """The statements that a table of verdicts tests: those of the paper first, then by kind."""
    claims: dict[str, list[VerdictRow]] = {}
    for claim in verdict_rows.by_claim(table):
        claims.setdefault(claim.statement, []).append(claim)
    known = [name for name in StatementRow.__dataclass_fields__ if name != "claims"]
    found = [
        StatementRow(**row, claims=claims[str(row["statement"])])
        for row in judging.statements(table)[known].to_dict("records")
    ]
    return sorted(found, key=lambda row: list(KINDS).index(row.kind))


def alternative(title: str, statements: Iterable[StatementRow], caption: str) -> str:
    """A text alternative to a figure, for readers who cannot see it: its title, and what was found.

    If no statement is about the figure, its caption says what it shows.
    """
    found = [f"{row.text.rstrip('.')} ({row.verdict})" for row in statements]
    return f"{title}. {'; '.join(found) or caption}"


def of_kind(statements: Iterable[StatementRow], kind: str) -> list[StatementRow]:
    """The statements of one kind."""
    return [row for row in statements if row.kind == kind]


def contested(statements: Iterable[StatementRow]) -> list[StatementRow]:
    """The statements that do not hold, then those that hold in part."""
    rows = list(statements)
    return [row for verdict in (FAILS, PARTLY) for row in rows if row.verdict == verdict]


def answer(statements: Sequence[StatementRow]) -> str:
    """How many statements of the paper hold."""
    return summary((row.verdict for row in of_kind(statements, "paper")), KINDS["paper"].lower())


def other_kinds(statements: Sequence[StatementRow]) -> list[str]:
    """How many statements of the other kinds hold: a sentence for each kind that occurs."""
    counts = {kind: of_kind(statements, kind) for kind in KINDS if kind != "paper"}
    return [
        summary((row.verdict for row in rows), KINDS[kind].lower())
        for kind, rows in counts.items()
        if rows
    ]


def untested(statements: Iterable[StatementRow]) -> list[VerdictRow]:
    """The claims that are not tested."""
    return [claim for row in statements for claim in row.claims if claim.verdict == UNTESTED]
