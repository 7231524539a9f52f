"""The sections of all papers, as the report lists them."""

from superpos import lookup
from superpos.config.figure_words import words
from superpos.papers import Section

BEYOND = Section("beyond", "Beyond the paper", "Figures of this project's own.")
"""The section of a figure whose folder is not a section of any paper."""

UNDRAWN = Section(
    "undrawn", "Claims without a figure", "Claims whose figure is not among those drawn here."
)
"""The section of claims whose figure is not in the config."""


def every() -> list[Section]:
    """The sections of every paper, in the order of the paper."""
    return [section for paper in lookup.of_papers("sections") for section in paper.SECTIONS]


def of_figure(draw: str) -> Section:
    """The section whose folder holds a figure's file."""
    folder = words(draw).section
    by_folder: dict[str, Section] = {
        f"{paper.__name__.split('.')[-2]}/{section.name}": section
        for paper in lookup.of_papers("sections")
        for section in paper.SECTIONS
    }
    return by_folder.get(folder, BEYOND)
