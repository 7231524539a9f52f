"""A second paper is a second folder of superpos/papers and blocks of config.yaml, and nothing else."""

import pandas as pd
import pytest
from project import tiny

FILES = {
    "__init__.py": '"""“A Second Paper”, of one section."""\n',
    "sections.py": '''\
"""The section of the paper."""

from superpos.papers import Section

TITLE = "A Second Paper"
ADDRESS = "https://example.org/second/"
SECTIONS = (Section("opening", "Opening remarks", "Four features in two dimensions have norms."),)
''',
    "opening/conditions.py": '''\
"""The conditions that the section's claims are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

EXPERIMENTS = {"S1": PaperExperiment(n_features=4, n_hidden=2, density=0.5)}
''',
    "opening/__init__.py": '"""Opening remarks."""\n',
    "opening/figure_second_norms.py": '''\
"""The norms of the features, a dot for each."""

from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.plotting.style import styled
from superpos.tables import Tables

CAPTION = "The norm of each feature of the second paper."
NEEDS = Needs(metrics=("feature_norm",))


@styled
def draw(tables: Tables) -> Figure:
    """A dot for each feature."""
    figure = Figure(figsize=(3, 3), layout="constrained")
    figure.subplots().plot(tables.features["feature_norm"].to_numpy(), "o")
    return figure
''',
    "opening/claims_second.py": '''\
"""The claim of the opening remarks."""

from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.verdicts.claim import Claim
from superpos.verdicts.statement import Statement


@requires(metrics=("feature_norm",))
def smallest_norm(tables: Tables) -> float:
    """The smallest norm of a feature."""
    return float(tables.features["feature_norm"].min())


CLAIMS = (
    Claim(
        claim="S1.norm",
        figure="S1",
        statement=Statement("S1.norm", "paper", "Features have norms."),
        text="The smallest norm of a feature is at least 0.",
        source="opening remarks",
        experiments=("S1",),
        measure=smallest_norm,
        low=0.0,
        high=float("inf"),
    ),
)
''',
}


@pytest.mark.slow
def test_a_second_paper_brings_its_experiment_figure_claim_section_and_report(project):
    folder = project.folder / "superpos/papers/second"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    config = tiny()
    block = {"title": "Four features", "n_features": 4, "n_hidden": 2, "density": 0.5}
    config["experiments"]["S1"] = {**block, "importance": 1.0, "metrics": ["feature_norm"]}
    config["figures"]["S1"] = {"draw": "second_norms", "from": ["S1"]}
    project.configure(config)
    planned = project.planned()
    others = [job for job in planned if " F1" in job or " sets" in job]
    assert others == [], "the first paper's results are what they were"
    project.make("--cores", "1")
    results = project.folder / "results"
    verdicts = pd.read_parquet(results / "claims.parquet").set_index("claim")
    assert verdicts.loc["S1.norm", "verdict"] == "holds"
    assert (results / "figures/S1.svg").is_file()
    page = (results / "report.html").read_text()
    assert "Opening remarks" in page
    assert "Four features in two dimensions have norms." in page
    assert 'href="https://example.org/second/"' in page
    assert "The norm of each feature of the second paper." in page
    assert project.planned() == set()
