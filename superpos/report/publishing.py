"""What `make publish` writes for readers who do not run anything: pictures, verdicts and part of the
README."""

import io
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from superpos import lookup
from superpos.report import sections, seeds, statement_rows
from superpos.report.site.markdown import escaped, row
from superpos.report.site.runs import PublishedRun, published
from superpos.storage import store
from superpos.verdicts.outcomes import FAILS

with lookup.extra("pipeline"):
    from PIL import Image

BEGIN, END = "<!-- published: begin -->", "<!-- published: end -->"

CLONE = "    git clone {address} superpos && cd superpos"
TESTS = {"make test": "all tests, 15 to 30 minutes"}

EXPLORER = "pictures/explorer.png"
"""The picture of the first report's explorer."""

EXPLORER_SHOWS = (
    "The report's explorer: the columns of W of a trained model, one for each feature, and their inner"
    " products"
)

EXPLORER_ALONE = """<style>
main > :not(#explorer), #explorer > h2, #explorer > .prose { display: none !important }
#explorer { margin: 0; padding: 0; border: 0 }
</style></head>"""
"""The HTML that replaces the end of a report's head, so that it shows only its explorer."""

LONGER_SIDE = 1100
"""The pixels of a published picture's longer side, at most."""

MOST_PICTURE_BYTES = 400_000
"""A picture of more bytes is reduced to 255 colours."""


def part_of(checkout: Path) -> str:
    """The generated part of a checkout's README, from what is published in its docs/."""
    docs = checkout / "docs"
    project = tomllib.loads(store.load_text(checkout / "pyproject.toml"))["project"]
    address = project.get("urls", {}).get("Repository", "")
    return readme_part(published(docs), store.load_table(docs / "seeds.parquet"), address)


def readme_part(runs: Iterable[PublishedRun], held: pd.DataFrame, address: str) -> str:
    """The generated part of the README: commands, the explorer, and figures and counts of each paper.

    held: with how many base seeds each statement of the first paper holds, from
    `seeds.statements_over_seeds`; address: that of the repository, or "" if it has none yet.
    """
    first, *others = runs
    parts = [
        "\n".join([*([CLONE.format(address=address)] if address else []), commands(first, TESTS)]),
        f"![{EXPLORER_SHOWS}](docs/{EXPLORER})" if first.picture("explorer") else "",
        *_of_paper(first, f" {seeds.seeds_summary(held)}.", _sometimes(held)),
    ]
    for run in others:
        parts += [commands(run), *_of_paper(run)]
    return "\n\n".join(filter(None, parts))


def commands(run: PublishedRun, more: Mapping[str, str] | None = None) -> str:
    """The commands that make a paper and its larger runs, each with what its sections say about it."""
    said = getattr(sections.of_paper(run.paper.name), "MAKE", {})
    lines = {run.paper.command: f"{said.get('', run.title)}: {run.paper.results}/report.html"}
    for name in run.paper.larger(run.checkout):
        if name in said:
            lines[f"{run.paper.command}_{name}"] = said[name]
    lines |= more or {}
    return "\n".join(
        f"    {line:{max(map(len, lines))}}   # {text}" for line, text in lines.items()
    )


def _sometimes(held: pd.DataFrame) -> dict[str, str]:
    """For each statement that holds with some other base seeds, with how many of them, in words."""
    some = held[held["held"] > 0]
    counts = zip(some["statement"], some["held"], some["seeds"], strict=True)
    return {name: f", holds with {k} of {n} other base seeds" for name, k, n in counts}


def _of_paper(
    run: PublishedRun, more: str = "", sometimes: Mapping[str, str] | None = None
) -> list[str]:
    """A paper's best figures, its counts followed by `more`, its main finding, and what does not hold.

    sometimes: what is added to a statement that does not hold.

    The main finding is the last sentence on the first screen of the paper's report, if there is one.
    """
    screens = lookup.of_papers("first_screen", run.paper.name)
    told = [screen.sentences(run.claims)[-1] for screen in screens]
    return [*_pictures(run), _counted(run) + more, *told, _failing(run, sometimes or {})]


def _pictures(run: PublishedRun) -> list[str]:
    """The best figures, each with what it shows, two in a table; the last of an odd number is alone."""
    titles = run.config.figure_titles
    best = [name for name in sections.of_paper(run.paper.name).BEST if run.picture(name)]
    tables = []
    for pair in (best[start : start + 2] for start in range(0, len(best), 2)):
        words = row(*(f"{name}: {escaped(titles[name])}" for name in pair))
        shown = row(*(f"![{escaped(titles[name])}](docs/{run.picture(name)})" for name in pair))
        tables.append("\n".join([words, "|---" * len(pair) + "|", shown]))
    return tables


def _counted(run: PublishedRun) -> str:
    """How many statements hold, and which ones do not."""
    sentences = [f"*{run.title}*: **{statement_rows.answer(run.statements)}**"]
    sentences += statement_rows.other_kinds(run.statements)
    return ". ".join(sentences) + "."


def _failing(run: PublishedRun, sometimes: Mapping[str, str]) -> str:
    """The statements of a paper that do not hold, in a block that the reader can open."""
    rows = statement_rows.of_kind(run.statements, "paper")
    order = {name: place for place, name in enumerate(run.config.figures)}
    rows.sort(key=lambda row: order.get(row.figure, len(order)))
    failing = [
        f"- {escaped(row.text)} (`{row.statement}`{sometimes.get(row.statement, '')})"
        for row in rows
        if row.verdict == FAILS
    ]
    if not failing:
        return ""
    many = (
        f"{len(failing)} statements of this paper that do"
        if len(failing) > 1
        else "statement of this paper that does"
    )
    head = f"<summary>The {many} not hold</summary>"
    return "\n".join(["<details>", head, "", *failing, "", "</details>"])


def with_generated_part(readme: str, generated: str) -> str:
    """The README with a new generated part. Raises a ValueError if it has no markers."""
    before, _, rest = readme.partition(BEGIN)
    if readme.count(BEGIN) != 1 or rest.count(END) != 1:
        raise ValueError(f"README.md: it needs the line {BEGIN} once and the line {END} after it")
    return f"{before}{BEGIN}\n{generated}\n{END}{rest.partition(END)[2]}"


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


def explorer_alone(report: str) -> str:
    """A report reduced to its explorer, to take a picture of it."""
    return report.replace("</head>", EXPLORER_ALONE, 1)
