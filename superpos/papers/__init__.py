"""The papers that are replicated: a folder for each paper, with a folder for each of its sections.

A section holds its figures (`figure_NAME.py`), its claims (`claims_NAME.py`), the experiments and tables
of theory that these are about (`conditions.py`), its theory tables (`table_NAME.py`), its departures
(`departures.py`), and the helpers that only it uses. In a paper's own folder, `sections.py` has the titles
and texts of its sections, `departures.py` says what did not replicate in the paper as a whole, and
`single_runs.py` names the figures in which the paper shows single runs. `first_screen.py` has
`sentences(verdicts)`, the sentences beside the counts on the first screen of the paper's report.
`superpos.config.paper_files` says where a paper's config file and results are.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A section of a paper: the name of its folder, its title, and a summary in our words."""

    name: str
    title: str
    says: str
