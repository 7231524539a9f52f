"""The papers that are replicated: a folder for each, with a folder for each of its sections.

A section holds its figures (`figure_NAME.py`), claims (`claims_NAME.py`), theory tables
(`table_NAME.py`), departures (`departures.py`), and the helpers that it alone uses. Beside the sections
stand `sections.py`, their titles and texts, and `conditions.py`, the paper's conditions.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A section of a paper: the name of its folder, its title, and what it says in our words."""

    name: str
    title: str
    says: str
