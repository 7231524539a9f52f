"""The generated parts of the documentation site: from published verdicts, settings and docstrings."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from superpos import lookup
from superpos.report.site import departures, figures, names, seeds, settings, verdicts
from superpos.report.site.markdown import joined
from superpos.report.site.restructured import restructured
from superpos.report.site.runs import PublishedRun, published

__all__ = ["PARTS", "made", "restructured"]


def _of_each(of_paper: Callable[[PublishedRun], str], docs: Path) -> str:
    return joined(*map(of_paper, published(docs)))


PARTS: dict[str, Callable[[Path], str]] = {
    "api": names.api_list,
    "departures": partial(_of_each, departures.part_of_paper),
    "figures": partial(_of_each, figures.part_of_paper),
    "metrics": names.metric_list,
    "seeds": seeds.site_part,
    "settings": settings.site_part,
    "theory": names.theory_list,
    "verdicts": partial(_of_each, verdicts.part_of_paper),
}
"""The functions that make each part, as Markdown, from the folder of published files."""


def made(name: str, docs: Path) -> str:
    """The generated part of this name; docs: the folder of published files. Raises a ValueError if it is
    unknown."""
    lookup.refuse_unknown("part of the site", name, list(PARTS))
    return PARTS[name](docs)
