"""Read what `make publish` wrote to docs/ for each paper's run."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from superpos.config import layers, paper_files, shipped, text
from superpos.config.experiments import Config
from superpos.config.paper_files import PaperFiles
from superpos.config.resolving import changed, resolve
from superpos.papers import Section
from superpos.report import sections, statement_rows
from superpos.report.statement_rows import StatementRow
from superpos.storage import store


@dataclass(frozen=True)
class PublishedRun:
    """The published run of a paper. docs: the folder of all published files."""

    paper: PaperFiles
    docs: Path

    @property
    def folder(self) -> Path:
        """The folder of this paper's files."""
        return self.docs.parent / self.paper.published

    @property
    def title(self) -> str:
        """The title of the paper."""
        return str(sections.of_paper(self.paper.name).TITLE)

    @property
    def checkout(self) -> Path:
        """The folder that holds docs/."""
        return self.docs.absolute().parent

    @cached_property
    def config(self) -> Config:
        """The config of the checkout, overridden by the configs of the shipped larger runs."""
        return self._with(*self._larger.values())

    @cached_property
    def figures(self) -> dict[str, str]:
        """The titles of the published figures, those with a picture or a verdict, in the paper's order."""
        order = [*sections.of_paper(self.paper.name).SECTIONS, sections.BEYOND]
        titles = self.config.figure_titles
        found = [name for name in titles if self.picture(name) or self.of_figure(name)]
        return {
            name: titles[name]
            for name in sorted(found, key=lambda n: order.index(self._section(n)))
        }

    def _section(self, figure: str) -> Section:
        return sections.of_figure(self.config.figures[figure].draw, self.paper.name)

    def target(self, figure: str) -> str:
        """The file with the picture of a figure, among the results of the largest run that draws it."""
        return f"{self._places.get(figure, self.paper.results)}/figures/{figure}.png"

    @cached_property
    def _places(self) -> dict[str, str]:
        """The folders of the figures that the larger runs draw."""
        own = self._with()
        return {
            figure: f"{self.paper.results}/variations/{name}"
            for name, file in self._larger.items()
            for figure in changed(self._with(file), own).figures
        }

    @cached_property
    def _larger(self) -> dict[str, Path]:
        return self.paper.larger(self.checkout)

    def _with(self, *files: Path) -> Config:
        """The config of the checkout, overridden by these files."""
        own = shipped.config(self.checkout, self.paper)
        return resolve(layers.merged([own, *map(text.load_config, files)]), own)

    @cached_property
    def claims(self) -> pd.DataFrame:
        """The table of verdicts."""
        return store.load_table(self.folder / "claims.parquet")

    @cached_property
    def statements(self) -> list[StatementRow]:
        """The statements that the verdicts test."""
        return statement_rows.by_statement(self.claims)

    def of_figure(self, name: str) -> list[StatementRow]:
        """The statements about a figure."""
        return [row for row in self.statements if row.figure == name]

    def picture(self, figure: str) -> str:
        """The path of a figure's picture from docs/, or "" if it has none."""
        path = self.folder / f"pictures/{figure}.png"
        return path.relative_to(self.docs).as_posix() if path.is_file() else ""


def published(docs: Path) -> Iterator[PublishedRun]:
    """The published runs, with that of the first paper first."""
    for paper in paper_files.papers().values():
        run = PublishedRun(paper, docs)
        if (run.folder / "claims.parquet").is_file():
            yield run
