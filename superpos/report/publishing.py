"""What a visitor sees who runs nothing: the README's generated part, pictures, verdicts, digests."""

import hashlib
import io
import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from PIL import Image

from superpos import lookup
from superpos.config.experiments import Config
from superpos.progress.estimates import duration
from superpos.report.templates import short
from superpos.verdicts.outcomes import FAILS, HOLDS, UNTESTED, summary

BEGIN, END = "<!-- published: begin -->", "<!-- published: end -->"

SHOWN = {
    "F1": "Five features in two dimensions, as sparsity rises",
    "F3": "Linear and ReLU models of 20 features in 5 dimensions",
    "F5": "The phase diagram of 2 features in 1 dimension: theory and experiment",
    "F8": "Feature geometry: dimensionalities and the graphs of the models",
    "F14": "Learning as a geometric transformation",
    "F18": "Computing |x| in superposition: the neurons' stacks",
}
"""The README's six pictures and what they show."""

SEEDS = 3
"""Base seeds that `make seeds` judges the claims with."""

WIDTH = 1100
"""Pixels of a published picture's longer side."""

PICTURE_LIMIT = 200_000
"""Bytes of a picture that keeps all its colours."""

LIMIT = 15_000_000
"""Bytes of a published page: what a phone still opens."""


def figure_titles(config: Config) -> dict[str, str]:
    """What each figure shows: its first experiment's title, or how its caption begins."""
    return {
        name: config.experiments[figure.experiments[0]].settings.title
        if figure.experiments
        else re.split(r"[.:;,](?= )", lookup.load("figure", figure.draw).CAPTION)[0]
        for name, figure in config.figures.items()
    }


def part(
    claims: pd.DataFrame, held: pd.Series, titles: Mapping[str, str], times: Mapping[str, float]
) -> str:
    """The README's generated part: how many claims hold, a row a figure, six pictures.

    held: in how many of the base seeds each claim holds, as `seeds.table` counts them; titles: what
    each figure shows, in their order; times: seconds of all jobs.
    """
    lines = [
        f"**{summary(claims['verdict'], 'claims of the paper')}**, "
        f"{int((held == SEEDS).sum())} [with each of three base seeds](docs/seeds.html); "
        "[all of them, with values and ranges](docs/verdicts.md), "
        "[the report](docs/report.html), [what did not replicate](docs/departures.html). "
        f"The run took {duration(sum(times.values()))} of one core.",
        "",
        "| figure | what it shows | claims | hold | which do not |",
        "|---|---|---|---|---|",
    ]
    for name, title in titles.items():
        about = claims[claims["figure"] == name]
        if len(about):
            given = about["verdict"]
            failed = ", ".join(f"`{claim}`" for claim in about["claim"][given == FAILS])
            tested = int((given != UNTESTED).sum())
            lines.append(_cells(name, title, tested, int((given == HOLDS).sum()), failed))
    pictures = [(name, text) for name, text in SHOWN.items() if name in titles]
    for pair in zip(pictures[::2], pictures[1::2], strict=False):
        shown = [f"![{text}](docs/pictures/{name}.png)" for name, text in pair]
        words = _cells(*(f"{name}: {text}" for name, text in pair))
        lines += ["", words, "|---" * len(pair) + "|", _cells(*shown)]
    return "\n".join(lines)


def verdicts(claims: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """The page of all verdicts, a table a figure."""
    lines = [
        "# Verdicts",
        "",
        "Written by `make publish`. A claim that does not hold is a finding.",
    ]
    for name, title in titles.items():
        about = claims[claims["figure"] == name]
        if len(about):
            lines += ["", f"## {name}: {title}", "", "| claim | what is claimed | value | range "]
            lines[-1] += "| replicates that hold | verdict |"
            lines += ["|---|---|---|---|---|---|", *map(_row, about.to_dict("records"))]
    return "\n".join([*lines, ""])


def _row(c: Mapping[Any, Any]) -> str:
    cells = [
        f"`{c['claim']}`", f"{c['statement']} ({c['source']})", short(c["value"]),
        f"{short(c['low'])} to {short(c['high'])}", short(c["replicates_hold"]),
        f"**{FAILS}**" if c["verdict"] == FAILS else _with_reason(c["verdict"], c["reason"]),
    ]  # fmt: skip
    return _cells(*cells)


def _with_reason(verdict: str, reason: str) -> str:
    return f"{verdict}: {reason}" if reason else verdict


def _cells(*cells: object) -> str:
    """A row of a table in Markdown."""
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def filled(readme: str, generated: str) -> str:
    """The README with another generated part; raises a ValueError where it has no markers."""
    before, _, after = _split(readme)
    return f"{before}{BEGIN}\n{generated}\n{END}{after}"


def generated_part(readme: str) -> str:
    """What stands between the markers."""
    return _split(readme)[1]


def _split(readme: str) -> tuple[str, str, str]:
    if readme.count(BEGIN) != 1 or readme.count(END) != 1:
        raise ValueError(f"README.md: it needs the line {BEGIN} once, and {END} after it")
    before, rest = readme.split(BEGIN)
    inner, after = rest.split(END)
    return before, inner.strip("\n"), after


def picture(png: bytes) -> bytes:
    """The picture at most WIDTH pixels wide and high; in 255 colours where it were too large."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.thumbnail((WIDTH, WIDTH), Image.Resampling.LANCZOS)
    whole = _png(image)
    if len(whole) <= PICTURE_LIMIT:
        return whole
    dithered = image.quantize(palette=image.quantize(255), dither=Image.Dither.FLOYDSTEINBERG)
    return _png(dithered)


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def small_enough(pages: Mapping[str, bytes]) -> None:
    """Raise a ValueError where a page is larger than LIMIT."""
    for name, content in pages.items():
        if len(content) > LIMIT:
            raise ValueError(
                f"{name}: {len(content):,} bytes; a published page has at most {LIMIT:,}"
            )


def digest(content: bytes) -> str:
    """The digest that docs/published.json keeps of a file."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def record(
    run: Mapping[str, bytes], files: Mapping[str, bytes], generated: str, notes: Mapping[str, Any]
) -> dict[str, Any]:
    """docs/published.json: digests of the run's files, of what was published, and of the README's
    part; the notes of the run's claims."""
    return {
        "run": {name: digest(content) for name, content in sorted(run.items())},
        "files": {name: digest(content) for name, content in sorted(files.items())},
        "readme": digest(generated.encode()),
        "notes": dict(notes),
    }


def differences(
    published: Mapping[str, Any], readme: str, read: Callable[[str], bytes | None]
) -> list[str]:
    """What is no longer what was published: names in docs/, README.md. `read` gives a file's bytes."""
    wrong = [
        name
        for name, kept in published["files"].items()
        if (content := read(name)) is None or digest(content) != kept
    ]
    same = digest(generated_part(readme).encode()) == published["readme"]
    return wrong + ([] if same else ["README.md"])
