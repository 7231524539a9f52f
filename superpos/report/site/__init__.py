"""The generated parts of the documentation site: from published verdicts, settings and docstrings."""

from collections.abc import Callable
from pathlib import Path

from superpos import lookup
from superpos.report.site import departures, figures, names, seeds, settings, verdicts
from superpos.report.site.restructured import restructured

__all__ = ["PARTS", "made", "restructured"]

PARTS: dict[str, Callable[[Path], str]] = {
    "api": names.api_list,
    "departures": departures.site_part,
    "figures": figures.site_part,
    "metrics": names.metric_list,
    "seeds": seeds.site_part,
    "settings": settings.site_part,
    "theory": names.theory_list,
    "verdicts": verdicts.site_part,
}
"""The functions that make each part, as Markdown, from the folder of published files."""


def made(name: str, docs: Path) -> str:
    """The generated part of this name; docs: the folder of published files. Raises a ValueError if it is
    unknown."""
    lookup.refuse_unknown("part of the site", name, list(PARTS))
    return PARTS[name](docs)
