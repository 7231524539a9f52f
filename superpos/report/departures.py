"""The page of what did not replicate, and of what was corrected in claims since they were first written.

The numbers of our runs come from the verdicts on the claims that a departure names.
"""

import functools
from types import ModuleType

import pandas as pd

from superpos import lookup
from superpos.report import templates, verdict_rows
from superpos.verdicts import definitions, judging
from superpos.verdicts.departure import Departure
from superpos.verdicts.outcomes import FAILS


@functools.cache
def departures() -> tuple[Departure, ...]:
    """The departures of every paper, by section in the paper's order, then those of the whole paper."""
    found = [(module.__name__.split(".")[2:-1], module) for module in _modules()]
    order = {
        (paper.__name__.split(".")[2], section.name): place
        for paper in lookup.of_papers("sections")
        for place, section in enumerate(paper.SECTIONS)
    }
    found.sort(key=lambda each: (each[0][0], order.get((each[0][0], each[0][-1]), len(order))))
    return tuple(one for _, module in found for one in module.DEPARTURES)


def _modules() -> list[ModuleType]:
    return [*lookup.of_sections("departures"), *lookup.of_papers("departures")]


def titles(claim: str) -> list[str]:
    """The titles of the departures that name a claim."""
    return [departure.title for departure in departures() if claim in departure.claims]


def page(verdicts: pd.DataFrame) -> str:
    """The page as HTML: each departure with its claims, failing claims that none explains, corrections."""
    rows = {row.claim: row for row in verdict_rows.rows(verdicts)}
    shown = [(d, [rows[c] for c in d.claims if c in rows]) for d in departures()]
    others = [row for name, row in rows.items() if row.verdict == FAILS and not titles(name)]
    return templates.render(
        "departures.html",
        departures=[(d, found) for d, found in shown if found or not d.claims],
        others=others,
        corrected=[claim for claim in judging.claims() if claim.corrections],
        withdrawn=definitions.withdrawn(),
    )
