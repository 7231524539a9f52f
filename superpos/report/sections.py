"""The sections of a paper, as the report lists them."""

from types import ModuleType

from superpos import lookup
from superpos.config.figure_words import read_words
from superpos.papers import Section

OWN = Section(
    "own",
    "Figures of this variation",
    "Figures that the paper's own config does not draw.",
)
"""The section of a variation's own figures."""

BEYOND = Section("beyond", "Beyond the paper", "Figures that belong to no section of the paper.")
"""The section of a figure whose folder is not a section of the paper."""

UNDRAWN = Section(
    "undrawn", "Claims without a figure", "Claims whose figure is not among those drawn here."
)
"""The section of claims whose figure is not in the config."""


def of_paper(paper: str) -> ModuleType:
    """The module with a paper's TITLE, ADDRESS, SECTIONS and BEST figures, by the name of its folder.

    It may have MAKE too: what the README says about the paper's commands.
    """
    (found,) = lookup.of_papers("sections", paper)
    return found


def of_figure(draw: str, paper: str) -> Section:
    """The section of a paper whose folder holds a figure's file."""
    folder = read_words(draw).section
    by_folder: dict[str, Section] = {f"{paper}/{s.name}": s for s in of_paper(paper).SECTIONS}
    return by_folder.get(folder, BEYOND)
