"""The page of what did not replicate, and of what was corrected in claims since they were first written.

The numbers of our runs come from the verdicts on the claims that a departure names.
"""

import functools

import pandas as pd

from superpos import lookup
from superpos.report import sections, templates, verdict_rows
from superpos.report.templates import short
from superpos.report.verdict_rows import VerdictRow
from superpos.verdicts import definitions, judging
from superpos.verdicts.correction import Correction
from superpos.verdicts.departure import Departure
from superpos.verdicts.outcomes import FAILS, UNTESTED


@functools.cache
def departures(paper: str) -> tuple[Departure, ...]:
    """The departures of a paper, by section in the paper's order, then those of the whole paper."""
    order = [section.name for section in sections.of_paper(paper).SECTIONS]
    found = lookup.of_sections("departures", paper)
    found = sorted(found, key=lambda module: order.index(module.__name__.split(".")[-2]))
    whole = lookup.of_papers("departures", paper)
    return tuple(one for module in (*found, *whole) for one in module.DEPARTURES)


def titles(claim: str, paper: str) -> list[str]:
    """The titles of the departures of a paper that name a claim."""
    return [departure.title for departure in departures(paper) if claim in departure.claims]


def missed_before(entry: Correction, row: VerdictRow | None) -> str:
    """A sentence if the present value misses the range before a correction, whose measure is the present one.

    It is empty if nothing was measured, or if the measure was corrected too.
    """
    if (
        row is None
        or entry.before
        or row.verdict == UNTESTED
        or entry.low <= row.value <= entry.high
    ):
        return ""
    return f"This run's value, {short(row.value)}, is outside the range before."


def page(verdicts: pd.DataFrame, paper: str, variation: str = "") -> str:
    """The page as HTML: each departure with its claims, failing claims that none explains, corrections.

    variation: the name of the variation that the verdicts are about; "" for the paper's own run.
    """
    rows = {row.claim: row for row in verdict_rows.by_claim(verdicts)}
    shown = [(d, [rows[c] for c in d.claims if c in rows]) for d in departures(paper)]
    every = (claim for file in judging.files(paper) for claim in judging.claims(file))
    return templates.fill_in(
        "departures.html",
        paper=sections.of_paper(paper).TITLE,
        variation=variation,
        departures=[(d, found) for d, found in shown if found or not d.claims],
        others=[
            row for name, row in rows.items() if row.verdict == FAILS and not titles(name, paper)
        ],
        corrected=[claim for claim in every if claim.corrections],
        rows=rows,
        missed_before=missed_before,
        withdrawn=definitions.withdrawn(paper),
    )
