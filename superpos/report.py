"""The report: one HTML page that needs nothing but itself."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from superpos import plugins

TAGS = ("PAPER", "ASSUME", "DEVIATION")
PACKAGE = Path(__file__).parent


def page(
    claims: pd.DataFrame,
    figures: Mapping[str, Mapping[str, Any]],
    svgs: Mapping[str, str],
    titles: Mapping[str, str],
    notes: Mapping[str, Any],
) -> str:
    """The page as HTML: verdicts, each figure with its claims, choices made, provenance.

    claims: the table of verdicts; figures: their lines of the config; svgs: their drawings;
    titles: of the experiments; notes: what the results come from.
    """
    loader = jinja2.FileSystemLoader(PACKAGE)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    environment.filters["short"] = _short
    sections = [
        {
            "name": name,
            "titles": [titles[e] for e in line["experiments"]],
            "svg": _inline(svgs[name], name),
            "caption": plugins.load("figure", line["draw"]).CAPTION,
            "claims": claims[claims["figure"] == name].to_dict("records"),
        }
        for name, line in figures.items()
    ]
    return environment.get_template("report.html").render(
        claims=claims.to_dict("records"), sections=sections, choices=choices(), notes=notes
    )


def choices() -> list[dict[str, str]]:
    """Every PAPER, ASSUME and DEVIATION note of the code: tag, text, file."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = re.sub(r"\n\s*#? ?", " ", path.read_text(encoding="utf-8"))
        for tag in TAGS:
            for note in re.findall(rf'\b{tag}: (.+?\.)(?=\s|")', text):
                found.append(
                    {"tag": tag, "text": note, "file": str(path.relative_to(PACKAGE.parent))}
                )
    return found


def _inline(svg: str, name: str) -> str:
    """The <svg> element alone, its ids made the figure's own."""
    element = svg[svg.index("<svg") :]
    element = re.sub(r'\bid="', f'id="{name}-', element)
    element = re.sub(r'(href="|url\()#', rf"\g<1>#{name}-", element)
    return element.replace("<svg ", f'<svg role="img" aria-label="Figure {name}" ', 1)


def _short(value: float) -> str:
    """A number to four digits; infinite bounds as a dash."""
    return "–" if pd.isna(value) or abs(value) == float("inf") else f"{value:.4g}"
