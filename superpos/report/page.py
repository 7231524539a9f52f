"""The report: one HTML page that needs nothing but itself."""

import base64
import gzip
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from plotly.offline import get_plotlyjs

from superpos import lookup
from superpos.config.figure_words import COMPUTED, words
from superpos.papers import Section
from superpos.report import sections, svg, templates
from superpos.verdicts.outcomes import FAILS, UNTESTED, summary

TAGS = ("PAPER", "ASSUME", "DEVIATION")
PACKAGE = Path(__file__).parents[1]
TABLES = ("runs", "features", "history", "checkpoints")
SCRIPTS = ("stored.js", "measures.js", "pictures.js", "explorer.js")


@dataclass(frozen=True)
class Material:
    """What the page is made of.

    `claims`: the table of verdicts; `figures`: their lines of the config, and `svgs`: their drawings;
    `titles`: of the experiments; `models`: the explorer's file of each experiment; `redraw`: the
    command that draws {figure} again; `config`: as it was resolved; `notes`: what the results come
    from; `times`: what took how long, in seconds of all jobs together; `diverged`: by experiment,
    lines that say how many of its runs did; `left_out`: figures that do not fit this variation,
    and why.
    """

    claims: pd.DataFrame
    figures: Mapping[str, Mapping[str, Any]]
    svgs: Mapping[str, str]
    titles: Mapping[str, str]
    models: Mapping[str, bytes]
    redraw: str
    config: Mapping[str, Any]
    notes: Mapping[str, Any]
    times: Mapping[str, float]
    diverged: Mapping[str, list[str]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


def page(of: Material) -> str:
    """The page as HTML: the answer, the explorer, the paper's sections, choices made, provenance."""
    parts = list(_sections(of))
    claims = [claim for part in parts for claim in part["claims"]]
    script, plotting = "\n".join(map(templates.text, SCRIPTS)), get_plotlyjs()
    return templates.render(
        "report.html",
        scripts=[script, plotting],
        sections=parts,
        answer=summary(claim["verdict"] for claim in claims),
        failing=[claim for claim in claims if claim["verdict"] == FAILS],
        untested=[claim for claim in claims if claim["verdict"] == UNTESTED],
        left_out=of.left_out,
        papers=_papers({part["section"] for part in parts}),
        models=[_model(name, of.titles[name], content) for name, content in of.models.items()],
        script=script,
        library=_embedded(plotting.encode()),
        choices=choices(),
        notes=of.notes,
        times=of.times,
        config=yaml.safe_dump(dict(of.config), sort_keys=False, width=100, allow_unicode=True),
    )


def _papers(shown: Collection[Section]) -> list[tuple[str, str]]:
    """Title and address of the papers that some of the sections are of; of all, if none is."""
    every = lookup.of_papers("sections")
    of = [paper for paper in every if {*paper.SECTIONS} & {*shown}] or every
    return [(paper.TITLE, paper.ADDRESS) for paper in of]


def _sections(of: Material) -> Iterable[dict[str, Any]]:
    """The papers' sections that have a figure here, in their order; then what is in none of them."""
    figures = [_figure(of, name, line) for name, line in of.figures.items()]
    for section in (*sections.every(), sections.BEYOND):
        drawn = [figure for figure in figures if figure["section"] is section]
        if drawn:
            claims = [claim for figure in drawn for claim in figure["claims"]]
            yield {"section": section, "figures": drawn, "claims": claims}
    orphans = of.claims[~of.claims["figure"].isin(of.figures)].to_dict("records")
    if orphans:
        yield {"section": sections.UNDRAWN, "figures": [], "claims": orphans}


def _figure(of: Material, name: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """All that the page says of one figure."""
    said = words(line["draw"])
    tables = [f"{e}/{table}.parquet" for e in line["experiments"] for table in TABLES]
    return {
        "name": name,
        "title": "; ".join(of.titles[e] for e in line["experiments"]),
        "section": sections.of_figure(line["draw"]),
        "svg": svg.inline(of.svgs[name], name),
        "caption": said.caption,
        "shown": said.shown if line["experiments"] else COMPUTED,
        "tables": tables + [f"theory/{theory}.parquet" for theory in line["theory"]],
        "redraw": of.redraw.format(figure=name),
        "diverged": [line for e in line["experiments"] for line in of.diverged.get(e, [])],
        "claims": of.claims[of.claims["figure"] == name].to_dict("records"),
    }


def _model(name: str, title: str, content: bytes) -> dict[str, str]:
    return {"name": name, "title": title, "data": _embedded(content)}


def _embedded(content: bytes) -> str:
    """Bytes as text for the page: compressed, in base64; the same text every time."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def choices() -> list[dict[str, str]]:
    """Every PAPER, ASSUME and DEVIATION note of the code: tag, text, file."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = re.sub(r"\n\s*#? ?", " ", path.read_text(encoding="utf-8"))
        for tag in TAGS:
            for note in re.findall(rf'\b{tag}: (.+?\S\.)(?=\s|")', text):
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
