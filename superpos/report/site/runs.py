"""What `make publish` left in docs/ of each paper's run."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from superpos.config import paper_files, shipped
from superpos.config.experiments import Config
from superpos.config.paper_files import FIRST, PaperFiles
from superpos.config.resolving import resolve
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
        return self.docs if self.paper == FIRST else self.docs / self.paper.name

    @property
    def title(self) -> str:
        """The title of the paper."""
        return str(sections.of_paper(self.paper.name).TITLE)

    @cached_property
    def config(self) -> Config:
        """The config of the checkout that holds docs/."""
        return resolve(shipped.config(self.docs.absolute().parent, self.paper))

    @cached_property
    def claims(self) -> pd.DataFrame:
        """The table of verdicts."""
        return store.load_table(self.folder / "claims.parquet")

    @cached_property
    def statements(self) -> list[StatementRow]:
        """The statements that the verdicts test."""
        return statement_rows.rows(self.claims)

    def of_figure(self, name: str) -> list[StatementRow]:
        """The statements about a figure."""
        return [row for row in self.statements if row.figure == name]

    def picture(self, figure: str) -> str:
        """The path of a figure's picture from docs/, or "" if it has none."""
        path = self.folder / f"pictures/{figure}.png"
        return path.relative_to(self.docs).as_posix() if path.is_file() else ""


def published(docs: Path) -> Iterator[PublishedRun]:
    """The runs of the papers that are published, the first paper's first."""
    for paper in paper_files.papers().values():
        run = PublishedRun(paper, docs)
        if (run.folder / "claims.parquet").is_file():
            yield run
