"""The HTML pages: templates of this folder, filled in."""

from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

FOLDER = Path(__file__).parent


def render(name: str, **values: Any) -> str:
    """The page `name` with the values; text is escaped."""
    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    environment.filters["short"] = short
    return environment.get_template(name).render(**values)


def short(value: float) -> str:
    """A number to four digits; infinite bounds and missing numbers as a dash."""
    return "–" if pd.isna(value) or abs(value) == float("inf") else f"{value:.4g}"
