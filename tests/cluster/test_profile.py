"""The profile of a cluster, and the executor behind it, without a cluster."""

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import snakemake_executor_plugin_slurm_patient as plugin
import yaml
from project import HERE, fresh, tiny

from superpos import plan
from superpos.config import resolve

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
    names = [job.name for e in shipped.experiments.values() for job in plan.jobs(e)]
    assert any("+" in name for name in names)
    assert not any("," in name for name in names)


@pytest.mark.slow
def test_hundreds_of_short_jobs_are_a_few_submissions(tmp_path):
    config = tiny()
    config["experiments"]["F1"] |= {"pack": [], "sweep": {"density": {"log": [0.01, 1.0, 300]}}}
    config["experiments"]["sets"]["steps"] = 10**9
    project = fresh(tmp_path / "project", config)
    planned = project.run("--dry-run", "--workflow-profile", "profiles/slurm")
    groups = re.findall(r"Group job (\w+)", planned)
    assert (groups.count("train"), groups.count("data"), groups.count("pages")) == (5, 1, 1)
    # What trains for hours has a submission of its own.
    assert len(re.findall(r"^Job \d+: train sets", planned, re.MULTILINE)) == 2


class Reported(list):
    """What an executor reports, in place of Snakemake."""

    def success(self, job) -> None:
        self.append((job.external_jobid, "success"))

    def error(self, job, msg, aux_logs) -> None:
        self.append((job.external_jobid, msg))


@pytest.fixture
def check(monkeypatch, tmp_path):
    """One status check of jobs 1, 2, ... given what Slurm says: who stays active, what was reported."""
    executor = object.__new__(plugin.Executor)
    reported = Reported()
    executor.__dict__ |= {
        **{"_seen": {}, "_silent": False, "_query": "", "reported": reported},
        **{"report_job_success": reported.success, "report_job_error": reported.error},
        "logger": SimpleNamespace(warning=lambda text: None),
        "workflow": SimpleNamespace(executor_settings=SimpleNamespace(keep_successful_logs=False)),
    }

    def checked(*states: str | None, answers: bool = True):
        async def query(command, logger):
            known = {str(i): s for i, s in enumerate(states, 1) if s is not None}
            return (known, 0.1) if answers else (None, None)

        monkeypatch.setattr(plugin, "query_job_status", query)
        jobs = [
            SimpleNamespace(external_jobid=str(i), aux={"slurm_logfile": Path(tmp_path / f"{i}")})
            for i in range(1, len(states) + 1)
        ]

        async def active():
            return [job.external_jobid async for job in executor.check_active_jobs(jobs)]

        reported.clear()
        return asyncio.run(active()), list(reported)

    return checked


def test_a_job_is_active_until_slurm_says_how_it_ended(check):
    active, reported = check("RUNNING", "PENDING", "COMPLETED", "CANCELLED by 0", "NODE_FAIL")
    assert active == ["1", "2"]
    assert reported == [
        ("3", "success"),
        ("4", "Slurm job 4 is CANCELLED. "),
        ("5", "Slurm job 5 is NODE_FAIL. "),
    ]


def test_no_job_is_lost_while_slurm_does_not_answer(check, monkeypatch):
    monkeypatch.setattr(plugin, "FORGOTTEN", -1)
    assert check("", "", answers=False) == (["1", "2"], [])


def test_a_job_that_slurm_has_forgotten_has_failed_after_a_while(check, monkeypatch):
    assert check(None) == (["1"], [])
    monkeypatch.setattr(plugin, "FORGOTTEN", -1)
    active, ((job, said),) = check(None)
    assert (active, job) == ([], "1")
    assert "unknown to Slurm" in said


@pytest.mark.parametrize(("exit_code", "works"), [(0, True), (1, False)])
def test_sacct_is_asked_only_where_accounting_is_on(monkeypatch, tmp_path, exit_code, works):
    (tmp_path / "sacct").write_text(f"#!/bin/sh\nexit {exit_code}\n")
    (tmp_path / "sacct").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert plugin.accounting() is works
