"""The sections of all papers, as the report lists them."""

from superpos import lookup
from superpos.config.figure_words import words
from superpos.papers import Section

BEYOND = Section("beyond", "Beyond the paper", "Figures of this project's own.")
"""The section of a figure whose folder no paper names among its sections."""

UNDRAWN = Section(
    "undrawn", "Claims without a figure", "Claims whose figure is not among those drawn here."
)
"""Where claims go whose figure the config does not have."""


def every() -> list[Section]:
    """The sections of every paper in its own order."""
    return [section for paper in lookup.of_papers("sections") for section in paper.SECTIONS]


def of_figure(draw: str) -> Section:
    """The section that a figure's file lies in."""
    place = words(draw).section
    for paper in lookup.of_papers("sections"):
        for section in paper.SECTIONS:
            if place == f"{paper.__name__.split('.')[-2]}/{section.name}":
                return section
    return BEYOND
