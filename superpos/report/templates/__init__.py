"""The HTML pages: the templates in this folder, and how they are filled in."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from superpos import lookup
from superpos.report.formulas import typeset
from superpos.report.range_marks import chance_curve, marks
from superpos.report.shares import percent
from superpos.verdicts.outcomes import FAILS, HOLDS, PARTLY, UNTESTED

with lookup.extra("pipeline"):
    import jinja2


class HasRange(Protocol):
    """A claim, its verdict, or what it was before a correction."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


FOLDER = Path(__file__).parent
STYLES = {HOLDS: "holds", PARTLY: "partly", FAILS: "fails", UNTESTED: "untested"}
"""The class that page.css has for each verdict."""


def fill_in(name: str, scripts: Sequence[str] = (), **values: Any) -> str:
    """Fill in the template `name`; text is escaped, and only the given scripts may run."""
    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    environment.filters |= {"short": short, "accepted": accepted_range, "percent": percent}
    environment.filters |= {"marks": marks, "curve": chance_curve}
    environment.filters |= {"style": STYLES.get, "formulas": typeset}
    values |= {
        "style": template_text("page.css"),
        "scripts": " ".join(map(_source, scripts)) or "'none'",
    }
    return environment.get_template(name).render(**values)


def template_text(name: str) -> str:
    """The text of a file in this folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


def _source(script: str) -> str:
    """The digest by which a page's content security policy allows a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def short(value: float) -> str:
    """A number to four digits, or as 3.25e-9; a dash for an infinite or missing one."""
    if pd.isna(value) or abs(value) == float("inf"):
        return "–"
    plain = f"{value:.4g}"
    return f"{value:.3g}".replace("e-0", "e-") if "e" in plain else plain


def accepted_range(row: HasRange) -> str:
    """The accepted range of a claim in words; "above" and "below" if the number itself is not in it."""
    low, high = short(row.low), short(row.high)
    if row.low == row.high:
        return low
    if high == "–":
        return "above 0" if row.low == np.nextafter(0, 1) else f"at least {low}"
    if row.low == 0 and row.high == np.nextafter(float(high), 0):
        return f"0 to below {high}"
    return f"at most {high}" if low == "–" else f"{low} to {high}"
