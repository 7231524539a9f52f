"""The page of what did not replicate, or only by luck: the paper's statements beside exact numbers.

Numbers of the shipped runs are never written here: the page takes them from the verdicts on the
claims that are named.
"""

import functools
from types import ModuleType

import pandas as pd

from superpos import lookup
from superpos.report import templates
from superpos.verdicts.departure import Departure
from superpos.verdicts.outcomes import FAILS


@functools.cache
def departures() -> tuple[Departure, ...]:
    """The departures of every paper: section by section in the paper's order, then of the whole."""
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
    """The titles of the departures that a claim belongs to."""
    return [departure.title for departure in departures() if claim in departure.claims]


def page(verdicts: pd.DataFrame) -> str:
    """The page as HTML: each departure with its claims, then claims that fail without one."""
    rows = {row["claim"]: row for row in verdicts.to_dict("records")}
    shown = [(d, [rows[c] for c in d.claims if c in rows]) for d in departures()]
    others = [row for name, row in rows.items() if row["verdict"] == FAILS and not titles(name)]
    return templates.render(
        "departures.html",
        departures=[(d, found) for d, found in shown if found or not d.claims],
        others=others,
    )
