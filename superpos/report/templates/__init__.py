"""The HTML pages: templates of this folder, filled in."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from superpos.report.range_marks import mark
from superpos.verdicts.outcomes import FAILS, HOLDS, UNTESTED

FOLDER = Path(__file__).parent
STYLES = {HOLDS: "holds", FAILS: "fails", UNTESTED: "untested"}
"""The class that page.css has for each verdict."""


def render(name: str, scripts: Sequence[str] = (), **values: Any) -> str:
    """The page `name` with the values; text is escaped. Only the given scripts run in it."""
    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    environment.filters |= {"short": short, "accepted": accepted, "mark": mark, "style": STYLES.get}
    values |= {"style": text("page.css"), "scripts": " ".join(map(_source, scripts)) or "'none'"}
    return environment.get_template(name).render(**values)


def text(name: str) -> str:
    """A file of this folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


def _source(script: str) -> str:
    """How a page's security policy names a script: by its digest."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def short(value: float) -> str:
    """A number to four digits; infinite bounds and missing numbers as a dash."""
    return "–" if pd.isna(value) or abs(value) == float("inf") else f"{value:.4g}"


def accepted(row: Mapping[str, Any]) -> str:
    """A claim's range in words."""
    low, high = short(row["low"]), short(row["high"])
    if row["low"] == row["high"]:
        return low
    if low == "–":
        return f"at most {high}"
    return f"at least {low}" if high == "–" else f"{low} to {high}"
