"""What `make publish` writes for readers who run nothing: pictures, verdicts and part of the README."""

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

import pandas as pd
from PIL import Image

from superpos import lookup
from superpos.config.experiments import Config
from superpos.progress.estimates import duration
from superpos.report import seeds, statement_rows
from superpos.report.statement_rows import StatementRow
from superpos.report.templates import short
from superpos.report.verdict_rows import VerdictRow
from superpos.storage.checksums import checksum
from superpos.verdicts.outcomes import FAILS, HOLDS, PARTLY, UNTESTED

BEGIN, END = "<!-- published: begin -->", "<!-- published: end -->"

SHOWN = {
    "F1": "Five features in two dimensions, as sparsity rises",
    "F3": "Linear and ReLU models of 20 features in 5 dimensions",
    "F5": "The phase diagram of 2 features in 1 dimension: theory and experiment",
    "F8": "Feature geometry: dimensionalities and the graphs of the models",
    "F14": "Learning as a geometric transformation",
    "F18": "Computing |x| in superposition: the neurons' stacks",
}
"""The six pictures of the README and what they show."""

WORDS_OF_KINDS = {"paper": "of the paper", "theory": "exact result", "ours": "ours"}
"""What a statement of each kind is called."""

CLAIMS_HEAD = (
    "| claim | what is claimed | value | range | replicates that hold | verdict |",
    "|---|---|---|---|---|---|",
)

LONGER_SIDE = 1100
"""The pixels of a published picture's longer side, at most."""

MOST_PICTURE_BYTES = 400_000
"""A picture of more bytes is reduced to 255 colours."""

MOST_PAGE_BYTES = 15_000_000
"""The bytes of a published page, at most: a phone still opens it."""


def figure_titles(config: Config) -> dict[str, str]:
    """What each figure shows: the title of its first experiment, or the start of its caption."""
    return {
        name: config.experiments[figure.experiments[0]].settings.title
        if figure.experiments
        else re.split(r"[.:;,](?= )", lookup.load("figure", figure.draw).CAPTION)[0]
        for name, figure in config.figures.items()
    }


def part(
    claims: pd.DataFrame, held: pd.DataFrame, titles: Mapping[str, str], times: Mapping[str, float]
) -> str:
    """The generated part of the README: how many statements hold, a row for each figure, six pictures.

    claims: the table of verdicts; held: with how many other base seeds each statement holds, from
    `seeds.statements`; titles: what each figure shows, in order; times: the seconds of each job.
    """
    statements = statement_rows.rows(claims)
    beside, said = statement_rows.beside(statements), seeds.summary(held)
    lines = [
        f"**{statement_rows.answer(statements)}**; [{said[0].lower()}{said[1:]}](docs/seeds.html). "
        + " ".join(f"{each}." for each in beside),
        "See [all of them, with values and ranges](docs/verdicts.md), [the report](docs/report.html) and"
        f" [what did not replicate](docs/departures.html). The run took {duration(sum(times.values()))}"
        " of one core.",
        "",
        "| figure | what it shows | statements of the paper | hold | hold in part | do not hold |",
        "|---|---|---|---|---|---|",
    ]
    for name, title in titles.items():
        about = [row for row in statement_rows.of_kind(statements, "paper") if row.figure == name]
        tested = [row for row in about if row.verdict != UNTESTED]
        if tested:
            held = sum(row.verdict == HOLDS for row in tested)
            named = (_named(tested, verdict) for verdict in (PARTLY, FAILS))
            lines.append(_cells(name, title, len(tested), held, *named))
    pictures = [(name, text) for name, text in SHOWN.items() if name in titles]
    for pair in zip(pictures[::2], pictures[1::2], strict=False):
        shown = [f"![{text}](docs/pictures/{name}.png)" for name, text in pair]
        words = _cells(*(f"{name}: {text}" for name, text in pair))
        lines += ["", words, "|---" * len(pair) + "|", _cells(*shown)]
    return "\n".join(lines)


def _named(statements: Iterable[StatementRow], verdict: str) -> str:
    """The names of the statements with a verdict, and what holds of them after the authors' recipe."""
    return ", ".join(
        f"`{row.statement}`" + (f" (recipe: {row.recipe})" if row.recipe else "")
        for row in statements
        if row.verdict == verdict
    )


def verdicts(claims: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """The page of all verdicts: for each figure its statements, with a table of the claims of each."""
    lines = [
        "# Verdicts",
        "",
        "Written by `make publish`. A statement or claim that does not hold is a finding.",
    ]
    statements = statement_rows.rows(claims)
    for name, title in titles.items():
        about = [row for row in statements if row.figure == name]
        lines += ["", f"## {name}: {title}"] if about else []
        for row in about:
            lines += [
                "",
                f"**{row.text}** ({WORDS_OF_KINDS[row.kind]}; {_outcome(row)})",
                "",
                *CLAIMS_HEAD,
            ]
            lines += map(_row, row.claims)
    return "\n".join([*lines, ""])


def _outcome(row: StatementRow) -> str:
    return row.verdict + (f"; after the authors' recipe: {row.recipe}" if row.recipe else "")


def _row(row: VerdictRow) -> str:
    failed = row.verdict == FAILS
    return _cells(
        f"`{row.claim}`",
        f"{row.text} ({row.source})",
        short(row.value),
        f"{short(row.low)} to {short(row.high)}",
        short(row.replicates_hold),
        f"**{FAILS}**" if failed else _with_reason(row.verdict, row.reason),
    )


def _with_reason(verdict: str, reason: str) -> str:
    return f"{verdict}: {reason}" if reason else verdict


def _cells(*cells: object) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def with_generated_part(readme: str, generated: str) -> str:
    """The README with a new generated part. Raises a ValueError if it has no markers."""
    before, _, after = _split(readme)
    return f"{before}{BEGIN}\n{generated}\n{END}{after}"


def generated_part(readme: str) -> str:
    """The text between the markers."""
    return _split(readme)[1]


def _split(readme: str) -> tuple[str, str, str]:
    if readme.count(BEGIN) != 1 or readme.count(END) != 1:
        raise ValueError(f"README.md: it needs the line {BEGIN} once and the line {END} after it")
    before, rest = readme.split(BEGIN)
    inner, after = rest.split(END)
    return before, inner.strip("\n"), after


def picture(png: bytes) -> bytes:
    """Shrink a picture to LONGER_SIDE, and to 255 colours if it has more than MOST_PICTURE_BYTES."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
    whole = _png(image)
    if len(whole) <= MOST_PICTURE_BYTES:
        return whole
    return _png(image.quantize(255, dither=Image.Dither.NONE))


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def check_page_sizes(pages: Mapping[str, bytes]) -> None:
    """Raise a ValueError if a page has more than MOST_PAGE_BYTES."""
    for name, content in pages.items():
        if len(content) > MOST_PAGE_BYTES:
            raise ValueError(
                f"{name}: {len(content):,} bytes; a published page has at most {MOST_PAGE_BYTES:,}"
            )


@dataclass(frozen=True)
class Published:
    """What docs/published.json keeps: checksums of the files in docs/ and of the README's part."""

    files: dict[str, str]
    readme: str

    @classmethod
    def of(cls, files: Mapping[str, bytes], generated: str) -> "Published":
        """The record of files by name and the generated part of the README."""
        checksums = {name: checksum(content) for name, content in sorted(files.items())}
        return cls(checksums, checksum(generated.encode()))

    @classmethod
    def from_json(cls, text: str) -> "Published":
        """The record that `to_json` wrote."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """The record as text."""
        return json.dumps(asdict(self), indent=1)

    def changed(self, readme: str, read: Callable[[str], bytes | None]) -> list[str]:
        """The published files that have changed, among them README.md.

        read: returns the bytes of a file in docs/, or None if it is missing.
        """
        names = [
            name
            for name, kept in self.files.items()
            if (content := read(name)) is None or checksum(content) != kept
        ]
        same = checksum(generated_part(readme).encode()) == self.readme
        return names if same else [*names, "README.md"]
