"""A variation that the claims are not about ends in a report that says so."""

import re

import pandas as pd
import pytest
import yaml
from project import SHIPPED, fresh, tiny

from superpos.verdicts import judging, outcomes

SHORT = {"steps": 20, "batch": 16, "replicates": 2, "block": 4, "losses": 5}
VARIATIONS = {
    "wide": {"n_features": 8, "replicates": 16},
    "dense": {"sweep": {"density": [0.3]}},
    "deep": {"n_hidden": 3},
    "measured": {"metrics": ["dimensionality"]},
}
TESTED = {"wide": 0, "dense": 0, "deep": 0, "measured": 5}
LEFT_OUT = {"deep": "needs n_hidden 2; F1 has 3", "measured": "needs the metric feature_norm"}
REASONS = {
    "wide": "F1 has n_features 8; the claim is about 5",
    "dense": "F1 has no condition of density 0.1",
    "deep": "F1 has n_hidden 3; the claim is about 2",
    "measured": "needs the metric feature_norm; F1 does not measure it",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    config = tiny()
    config["experiments"]["F1"] = {**SHIPPED["experiments"]["F1"], **SHORT}
    config["experiments"]["F1"]["evaluation"] = {"strata": 20}
    return fresh(tmp_path_factory.mktemp("untested") / "project", config)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["wide", *(pytest.param(n, marks=pytest.mark.trial) for n in VARIATIONS if n != "wide")]
)
def test_a_variation_ends_in_a_report_that_counts_what_is_not_tested(project, name):
    overlay = {"experiments": {"F1": VARIATIONS[name]}}
    (project.folder / f"{name}.yaml").write_text(yaml.safe_dump(overlay))
    printed = project.make("--configfile", f"{name}.yaml")
    results = project.folder / f"results/variations/{name}"
    verdicts = pd.read_parquet(results / "claims.parquet")
    untested = verdicts[verdicts["verdict"] == "not tested"]
    assert len(verdicts) == 12
    assert len(verdicts) - len(untested) == TESTED[name]
    assert REASONS[name] in set(untested["reason"])
    page = (results / "report.html").read_text()
    assert REASONS[name] in page
    answer = re.search(r'<p class="answer">(.*?)\.', page, re.DOTALL)[1]
    statements = judging.statements(verdicts)
    of_paper = statements["verdict"][statements["kind"] == "paper"]
    assert answer == outcomes.summary(of_paper, "statements of the paper")
    assert TESTED[name] or answer == "None of the 3 statements of the paper is tested"
    assert (
        ("figure F1 is left out" in printed) == ("Figures left out" in page) == (name in LEFT_OUT)
    )
    if name in LEFT_OUT:
        assert f"<dt>F1</dt><dd>{LEFT_OUT[name]}" in page


@pytest.mark.slow
def test_a_variation_without_claims_and_figures_ends_in_a_report(project):
    overlay = {"experiments": {"sets": {"metrics": ["dimensionality"]}}}
    (project.folder / "bare.yaml").write_text(yaml.safe_dump(overlay))
    project.make("--configfile", "bare.yaml")
    results = project.folder / "results/variations/bare"
    assert (
        "Nothing is judged here: no claim is about what this variation changes."
        in (results / "report.html").read_text()
    )
    assert not len(pd.read_parquet(results / "claims.parquet"))
