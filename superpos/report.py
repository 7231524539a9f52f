"""The report: one HTML page that needs nothing but itself."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from superpos import pages, plugins

TAGS = ("PAPER", "ASSUME", "DEVIATION")
PACKAGE = Path(__file__).parent


def page(
    claims: pd.DataFrame,
    figures: Mapping[str, Mapping[str, Any]],
    svgs: Mapping[str, str],
    titles: Mapping[str, str],
    notes: Mapping[str, Any],
    times: Mapping[str, float],
) -> str:
    """The page as HTML: verdicts, each figure with its claims, choices made, provenance.

    claims: the table of verdicts; figures: their lines of the config; svgs: their drawings;
    titles: of the experiments; notes: what the results come from; times: what took how long, in
    seconds of all jobs together.
    """
    order = {name: place for place, name in enumerate(figures)}
    place = claims["figure"].map(order).fillna(len(order))
    claims = claims.iloc[place.argsort(kind="stable")]
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
    return pages.render(
        "report.html",
        claims=claims.to_dict("records"),
        sections=sections,
        choices=choices(),
        notes=notes,
        times=times,
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


def times(seconds: Mapping[Path, float]) -> dict[str, float]:
    """Seconds by stage, training by experiment, the longest first, from those of each benchmark."""
    total: dict[str, float] = {}
    for path, took in seconds.items():
        first, *rest = path.with_suffix("").parts
        stage = f"train {first}" if "train" in rest else rest[-1] if len(rest) == 1 else first
        stage = first if first in ("figures", "theory", "claims", "training_sets") else stage
        total[stage] = total.get(stage, 0.0) + took
    return dict(sorted(total.items(), key=lambda item: -item[1]))


def _inline(svg: str, name: str) -> str:
    """The <svg> element alone, its ids made the figure's own."""
    element = svg[svg.index("<svg") :]
    element = re.sub(r'\bid="', f'id="{name}-', element)
    element = re.sub(r'(href="|url\()#', rf"\g<1>#{name}-", element)
    return element.replace("<svg ", f'<svg role="img" aria-label="Figure {name}" ', 1)
