"""A second paper: a folder of superpos/papers, a config file, and its own results, report and manifest."""

import subprocess
import sys

import pandas as pd
import pytest
import yaml
from forked import forking
from project import HERE, Project, tiny

from superpos.config import paper_files, shipped
from superpos.config.resolving import resolve

FILES = {
    "__init__.py": '"""“A Second Paper”, of one section."""\n',
    "sections.py": '''\
"""The section of the paper."""

from superpos.papers import Section

TITLE = "A Second Paper"
ADDRESS = "https://example.org/second/"
BEST = ("S1",)
SECTIONS = (Section("opening", "Opening remarks", "Four features in two dimensions have norms."),)
''',
    "first_screen.py": '''\
"""What the first screen of the report says beside the counts."""

import pandas as pd


def sentences(verdicts: pd.DataFrame) -> list[str]:
    """One sentence."""
    return [f"Norms: {verdicts['verdict'].iloc[0]}."]
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


CONFIG = {
    "paper": "second",
    "seed": 0,
    "defaults": tiny()["defaults"],
    "experiments": {
        "S1": {
            **{"title": "Four features", "n_features": 4, "n_hidden": 2, "density": 0.5},
            **{"importance": 1.0, "metrics": ["feature_norm"]},
        }
    },
    "theory": {},
    "figures": {"S1": {"draw": "second_norms", "from": ["S1"]}},
}
WIDE = {"paper": "second", "variation": "wide", "experiments": {"S1": {"steps": 10}}}


def add_second_paper(project: Project) -> None:
    """Give a project the second paper and a variation of it."""
    for name, text in FILES.items():
        path = project.folder / "superpos/papers/second" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, config in (("second", CONFIG), ("second_wide", WIDE)):
        (project.folder / f"{name}.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


def names(project: Project) -> set[str]:
    """The files in results/."""
    results = project.folder / "results"
    return {str(path.relative_to(results)) for path in results.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_second_paper_has_results_a_report_a_variation_and_a_manifest_of_its_own(project):
    first = project.results()
    add_second_paper(project)
    with forking(project, "torch"):
        project.make("--config", "paper=second", "--cores", "1")
        assert {name: project.results()[name] for name in first} == first
        assert project.planned() == project.planned("--config", "paper=second") == set()
        second = project.folder / "results/second"
        verdicts = pd.read_parquet(second / "claims.parquet").set_index("claim")
        assert verdicts["verdict"].to_dict() == {"S1.norm": "holds"}
        page = (second / "report.html").read_text()
        for text in (
            "A Second Paper, replicated",
            "1 of 1 statements of the paper hold",
            "Norms: holds.",
            "Four features in two dimensions have norms.",
            'href="https://example.org/second/"',
            "The norm of each feature of the second paper.",
            "--force results/second/figures/S1.svg --config paper=second<",
        ):
            assert text in page
        assert page.index("Norms: holds.") < page.index('<section id="explorer"')
        of_first = (project.folder / "results/report.html").read_text()
        for ours, theirs in ((page, "papers/toy_models/"), (of_first, "papers/second/")):
            assert theirs not in ours
        assert "A Second Paper: what did not replicate" in (second / "departures.html").read_text()

        project.make("results/second/variations/wide/report.html")
        varied = pd.read_parquet(second / "variations/wide/S1/runs.parquet")
        assert set(varied["steps"]) == {10}
        page = (second / "variations/wide/report.html").read_text()
        assert "<h1>wide</h1>" in page
        assert "<strong>S1</strong>: " in page
        assert project.planned("--configfile", "second_wide.yaml") == set()
        left = {"gone/runs.parquet", "second/gone/runs.parquet"}
        before = names(project)
        for path in left:
            (project.folder / "results" / path).parent.mkdir()
            (project.folder / "results" / path).write_text("old")
        said = project.make("--dry-run", "--config", "paper=second")
        assert "results/second/ holds 1 file that no planned job makes: gone/runs.parquet" in said
        cleaned = project.python("-m", "superpos", "clean").stdout.splitlines()
        assert cleaned == [*(f"removed results/{path}" for path in sorted(left)), "removed 2 files"]
        assert names(project) == before

        for paper in paper_files.FIRST.name, "second":
            written = project.python("-m", "superpos", "verify", "--write", "--paper", paper)
            assert written.returncode == 0, written.stderr
        (second / "figures/S1.png").unlink()
        verified = project.python("-m", "superpos", "verify")
        assert verified.returncode == 1
        assert "results/ against results.digests:\n" in verified.stdout
        of_second = verified.stdout.split("results/second/ against second.digests:\n")[1]
        assert "  figures/S1.png is missing\n" in of_second
        assert "if a file is missing: run `make second`\n" in of_second
        assert "S1" not in (project.folder / "results.digests").read_text()


@pytest.mark.slow
def test_what_is_wrong_with_a_paper_is_one_line_before_any_job(project):
    add_second_paper(project)

    def refused(*words: str) -> str:
        (line,) = (
            line
            for line in project.make("--dry-run", *words, ok=False).splitlines()
            if line.startswith(("run: ", "config: "))
        )
        return line

    with forking(project, "torch"):
        assert refused("results/second/figures/S2.png").startswith(
            "run: nothing makes results/second/figures/S2.png;"
            " did you mean results/second/figures/S1.png?"
        )
        assert "did you mean results/second/report.html?" in refused("results/secnd/report.html")
        assert "several papers" in refused("results/report.html", "results/second/report.html")
        said = "config: unknown paper 'secnd': did you mean second?"
        assert refused("--config", "paper=secnd") == said
        claims = "superpos/papers/second/opening/claims_second.py"
        project.edit(claims, 'claim="S1.norm"', 'claim="F1.represented.p1"')
        assert refused("--config", "paper=second") == (
            "config: claim 'F1.represented.p1' is in superpos/papers/toy_models/introduction/claims_intro.py"
            f" and in {claims}; rename one"
        )


@pytest.mark.parametrize(
    ("path", "paper"),
    [
        ("results/report.html", "toy_models"),
        ("results/double_descent/report.html", "double_descent"),
        ("results/double_descent/variations/full/M2/runs.parquet", "double_descent"),
        ("results/double_descnt/report.html", "toy_models"),
    ],
)
def test_a_file_belongs_to_the_paper_in_whose_folder_it_lies(path, paper):
    assert paper_files.paper_of_file(path).name == paper


def test_the_last_layer_that_names_a_paper_counts():
    assert paper_files.named([{"seed": 1}]) == paper_files.FIRST
    layers = [{"paper": "double_descent"}, {"seed": 1}]
    assert paper_files.named(layers).config == "double_descent.yaml"
    assert paper_files.named([*layers, {"paper": "toy_models"}]) == paper_files.FIRST


def test_every_paper_ships_a_config_that_names_it_and_names_no_experiment_of_another():
    configs = {paper: shipped.config(paper=paper) for paper in paper_files.papers().values()}
    experiments = [set(resolve(config).experiments) for config in configs.values()]
    assert len(set.union(*experiments)) == sum(map(len, experiments))
    for paper, config in configs.items():
        assert config.get("paper", paper_files.FIRST.name) == paper.name
    whole = shipped.config_with("experiments", "M2")
    assert whole["paper"] == "double_descent"
    with pytest.raises(ValueError, match=r"unknown experiment 'M22': did you mean M2\?"):
        shipped.config_with("experiments", "M22")


def test_an_experiment_may_not_have_the_name_of_a_paper():
    experiments = {"double_descent": CONFIG["experiments"]["S1"]}
    with pytest.raises(ValueError, match="results/double_descent/ holds other files"):
        resolve({**CONFIG, "experiments": experiments, "figures": {}})


def test_help_and_hints_know_the_second_paper():
    def said(*words: str) -> str:
        command = [sys.executable, "workflow/targets.py", *words]
        return subprocess.run(command, cwd=HERE, capture_output=True, text=True).stdout

    assert "make results/double_descent/figures/NAME.png" in said()
    assert "did you mean `make double_descent`?" in said("duble_descent")
