"""The profile of a cluster, without a cluster."""

import re

import pytest
import yaml
from project import HERE, fresh, tiny

from superpos.config import jobs
from superpos.config.resolving import resolve

PROFILE = yaml.safe_load((HERE / "profiles/slurm/profile.yaml").read_text())


def test_retries_stand_in_the_profile_alone_as_those_of_a_rule_would_multiply():
    assert PROFILE["retries"] == 3
    for rules in (HERE / "workflow/rules").glob("*.smk"):
        assert not re.search(r"^\s+retries:", rules.read_text(), re.MULTILINE), rules


def test_every_rule_that_is_grouped_exists():
    text = "".join(rules.read_text() for rules in (HERE / "workflow/rules").glob("*.smk"))
    assert set(PROFILE["groups"]) < set(re.findall(r"^rule (\w+):", text, re.MULTILINE))


def test_no_name_of_a_slice_has_a_comma_at_which_snakemake_would_split_it():
    shipped = resolve(yaml.safe_load((HERE / "config.yaml").read_text()))
    names = [job.name for e in shipped.experiments.values() for job in jobs.jobs(e)]
    assert any("+" in name for name in names)
    assert not any("," in name for name in names)


@pytest.mark.slow
def test_hundreds_of_short_jobs_are_a_few_submissions(tmp_path):
    config = tiny()
    config["experiments"]["F1"] |= {"pack": [], "sweep": {"density": {"log": [0.01, 1.0, 300]}}}
    del config["figures"]["F1"]  # which draws fewer conditions
    config["experiments"]["sets"] |= {"steps": 10**7, "batch": 2000}
    project = fresh(tmp_path / "project", config)
    planned = project.run("--dry-run", "--workflow-profile", "profiles/slurm")
    groups = re.findall(r"Group job (\w+)", planned)
    assert (groups.count("train"), groups.count("data"), groups.count("pages")) == (5, 1, 1)
    # What trains for hours has a submission of its own.
    assert len(re.findall(r"^Job \d+: train sets", planned, re.MULTILINE)) == 2
