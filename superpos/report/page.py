"""The report: one HTML page that needs no other file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from superpos import lookup
from superpos.config import text
from superpos.config.figure_words import COMPUTED, read_words
from superpos.papers import Section
from superpos.report import sections, statement_rows, templates
from superpos.report.drawings import Drawing, embedded
from superpos.report.statement_rows import StatementRow
from superpos.verdicts.statement import KINDS

if TYPE_CHECKING:
    from pydantic import JsonValue

with lookup.extra("pipeline"):
    from plotly.offline import get_plotlyjs

TAGS = ("PAPER", "ASSUME", "DEVIATION")
PACKAGE = Path(__file__).parents[1]
TABLES = ("runs", "features", "samples", "history", "checkpoints")
SCRIPTS = ("stored.js", "drawings.js")
EXPLORER_SCRIPTS = ("measures.js", "input.js", "pictures.js", "links.js", "explorer.js")
MOST_BEST = 3
"""The number of figures that stand before the counts."""


@dataclass(frozen=True)
class FigureLine:
    """A figure of the config: the name of its file, its experiments, its theory tables, and its title.

    A figure without a title takes the titles of its experiments, or the start of its caption.
    caption: what it shows, or "" if that is the CAPTION of its file.
    """

    draw: str
    experiments: list[str]
    theory: list[str]
    title: str | None = None
    caption: str = ""


@dataclass(frozen=True)
class Variation:
    """A variation of a paper's run: its name, and what it has that the paper's own run does not have.

    experiments: those that it adds or changes; figures: those that the paper's config does not draw.
    """

    name: str
    experiments: Collection[str]
    figures: Collection[str]


@dataclass(frozen=True)
class Material:
    """What the page is made from.

    paper: the paper's folder; claims: the table of verdicts; figures, svgs: the config's lines and the
    drawings, by figure; titles, models: the title and the explorer's file of each experiment; redraw:
    the command that draws {figure} again; config: the resolved config; provenance: versions and
    machine; times: seconds of all jobs by kind; diverged: notes about diverged runs, by experiment;
    trained: how far each experiment is trained, in a sentence; left_out: figures that do not fit this
    variation, and why; variation: None for a run of the paper's own config.
    """

    paper: str
    claims: pd.DataFrame
    figures: Mapping[str, FigureLine]
    svgs: Mapping[str, str]
    titles: Mapping[str, str]
    models: Mapping[str, bytes]
    redraw: str
    config: Mapping[str, JsonValue]
    provenance: Mapping[str, str]
    times: Mapping[str, float]
    diverged: Mapping[str, list[str]] = field(default_factory=dict)
    trained: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    variation: Variation | None = None


@dataclass(frozen=True)
class ShownFigure:
    """Everything that the page shows about one figure; tables: the paths of the data behind it."""

    name: str
    title: str
    section: Section
    drawing: Drawing
    caption: str
    shown: str
    training: str
    tables: list[str]
    redraw: str
    diverged: list[str]
    statements: list[StatementRow]

    @property
    def alternative(self) -> str:
        """A text alternative to the drawing, for readers who cannot see it."""
        return statement_rows.alternative(self.title, self.statements, self.caption)


@dataclass(frozen=True)
class Part:
    """A section of a paper with its figures and statements."""

    section: Section
    figures: list[ShownFigure]
    statements: list[StatementRow]


@dataclass(frozen=True)
class StoredModels:
    """The models of one experiment, compressed and as text."""

    name: str
    title: str
    data: str


@dataclass(frozen=True)
class Choice:
    """A note in the code about a detail of the paper, a choice of ours or a difference."""

    tag: str
    text: str
    file: str


def page(material: Material) -> str:
    """The page as HTML: the explorer, the best figures, the counts, the paper's sections, provenance."""
    parts = list(_parts(material))
    statements = [row for part in parts for row in part.statements]
    of_paper = statement_rows.of_kind(statements, "paper")
    used = SCRIPTS + EXPLORER_SCRIPTS * bool(material.models)
    script, plotting = "\n".join(map(templates.template_text, used)), get_plotlyjs()
    return templates.fill_in(
        "report.html",
        scripts=[script, plotting],
        sections=parts,
        best=_best(material, parts),
        drawings={figure.name: figure.drawing for part in parts for figure in part.figures},
        variation=material.variation,
        titles=material.titles,
        answer=statement_rows.answer(statements) if of_paper else "",
        beside=statement_rows.other_kinds(statements),
        kinds=KINDS,
        contested=statement_rows.contested(of_paper),
        untested=statement_rows.untested(statements),
        left_out=material.left_out,
        paper=sections.of_paper(material.paper),
        first=[
            sentence
            for module in lookup.of_papers("first_screen", material.paper)
            for sentence in module.sentences(material.claims)
        ]
        if of_paper
        else [],
        models=[
            StoredModels(name, material.titles[name], embedded(content))
            for name, content in material.models.items()
        ],
        script=script,
        library=embedded(plotting.encode()),
        choices=choices(material.paper),
        provenance=material.provenance,
        times=material.times,
        config=text.as_yaml(material.config),
    )


def _parts(material: Material) -> Iterator[Part]:
    """A variation's own figures, the paper's sections in order, and whatever belongs to no section."""
    figures = [_figure(material, name) for name in material.figures]
    known = sections.of_paper(material.paper).SECTIONS
    for section in (sections.OWN, *known, sections.BEYOND):
        drawn = [figure for figure in figures if figure.section is section]
        if drawn:
            yield Part(section, drawn, [row for figure in drawn for row in figure.statements])
    undrawn = material.claims[~material.claims["figure"].isin(material.figures)]
    if len(undrawn):
        yield Part(sections.UNDRAWN, [], statement_rows.by_statement(undrawn))


def _best(material: Material, parts: list[Part]) -> list[ShownFigure]:
    """The figures that come before the counts: those that the paper's folder names.

    For a variation these are the first figures, its own before the paper's.
    """
    shown = {figure.name: figure for part in parts for figure in part.figures}
    if material.variation is not None:
        return [*shown.values()][:MOST_BEST]
    named = sections.of_paper(material.paper).BEST
    return [shown[name] for name in named if name in shown]


def _figure(material: Material, name: str) -> ShownFigure:
    line = material.figures[name]
    about = read_words(line.draw)
    own = material.variation is not None and name in material.variation.figures
    tables = [f"{e}/{table}.parquet" for e in line.experiments for table in TABLES]
    return ShownFigure(
        name=name,
        title=line.title or next((material.titles[e] for e in line.experiments), about.start),
        section=sections.OWN if own else sections.of_figure(line.draw, material.paper),
        drawing=Drawing.of(material.svgs[name], name),
        caption=line.caption or about.caption,
        shown=about.shown if line.experiments else COMPUTED,
        training=_training(material.trained, line.experiments),
        tables=tables + [f"theory/{theory}.parquet" for theory in line.theory],
        redraw=material.redraw.replace("{figure}", name),
        diverged=[text for e in line.experiments for text in material.diverged.get(e, [])],
        statements=statement_rows.by_statement(material.claims[material.claims["figure"] == name]),
    )


def _training(trained: Mapping[str, str], experiments: list[str]) -> str:
    """How far the models of a figure are trained: in one sentence, or one for each experiment."""
    said = {name: trained[name] for name in experiments if name in trained}
    if len({*said.values()}) <= 1:
        return next(iter(said.values()), "")
    return " ".join(f"{name}: {text}" for name, text in said.items())


def choices(paper: str) -> list[Choice]:
    """Every PAPER, ASSUME and DEVIATION note of the code, without those of other papers' folders."""
    found = []
    others = {*(PACKAGE / "papers").glob("*/")} - {PACKAGE / "papers" / paper}
    for path in sorted(PACKAGE.rglob("*.py")):
        if others & {*path.parents}:
            continue
        text = re.sub(r"\n\s*#? ?", " ", path.read_text(encoding="utf-8"))
        for tag in TAGS:
            for note in re.findall(rf'\b{tag}: (.+?\S\.)(?=\s|")', text):
                found.append(Choice(tag, note, str(path.relative_to(PACKAGE.parent))))
    return found
