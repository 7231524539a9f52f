"""The whole pipeline on a real Slurm gives the bytes of a run on this machine, also when nodes die."""

import shutil
import subprocess
import sys

import pytest
from project import Project
from slurm import Cluster, wait_for

pytestmark = pytest.mark.slow

QUICK = ("--seconds-between-status-checks", "1", "--latency-wait", "10")
SUBMIT = (sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/slurm", *QUICK)


def submitted(project: Project, slurm: Cluster) -> subprocess.Popen[str]:
    """Snakemake, running in the project with the profile of a cluster."""
    log = open(project.folder / "printed.txt", "w")  # noqa: SIM115
    where = {"cwd": project.folder, "env": slurm.environment() | project.own(), "text": True}
    return subprocess.Popen(SUBMIT, **where, stdout=log, stderr=subprocess.STDOUT)


def printed(project: Project) -> str:
    return (project.folder / "printed.txt").read_text()


def same(built: Project, project: Project) -> bool:
    ours, theirs = built.results(), project.results()
    assert list(ours) == list(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    return (project.folder / "results/report.html").is_file()


@pytest.fixture
def running(built, slurm, tmp_path):
    """The tiny pipeline, just submitted from empty results; it is ended with the test."""
    project = built.copy(tmp_path / "project")
    for made in ("results", ".snakemake"):
        shutil.rmtree(project.folder / made)
    process = submitted(project, slurm)
    yield project, process
    process.kill()
    process.wait()


def test_the_pipeline_on_slurm_gives_the_bytes_of_a_local_run(built, slurm, running):
    project, process = running
    process.wait(420)
    assert process.returncode == 0, printed(project)
    assert same(built, project)
    # data, train, metrics of two experiments, pages; and nothing left to do here
    assert slurm.ended() == ["COMPLETED"] * 5
    assert project.planned() == set()


def test_a_cancelled_job_a_dead_node_and_a_silent_controller_change_no_byte(built, slurm, running):
    project, process = running

    def hit(rule: str) -> tuple[str, str]:
        """Id and node of the first running job of that rule."""
        wait_for(lambda: slurm.running(rule) or process.poll() is not None, f"a job {rule}", 120)
        assert process.poll() is None, printed(project)
        return slurm.running(rule)[0]

    job, _ = hit("rule_data")
    slurm.said("scancel", job)
    hit("rule_train")
    slurm.end("slurmctld")
    wait_for(lambda: "does not answer" in printed(project), "Snakemake to see that", 120)
    slurm.controller()
    _, node = hit("rule_metrics")
    slurm.crash(node)
    wait_for(lambda: "NODE_FAIL" in slurm.ended(), f"Slurm to see that {node} is dead")
    slurm.up(node)
    process.wait(420)
    assert process.returncode == 0, printed(project)
    assert same(built, project)
    ended = slurm.ended()
    assert {"CANCELLED", "NODE_FAIL", "COMPLETED"} == set(ended)
    assert (ended.count("CANCELLED"), ended.count("COMPLETED")) == (1, 5)
