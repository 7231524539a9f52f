"""The pipeline on a real Slurm gives the bytes of a run on this machine, whatever happens to jobs."""

import contextlib
import functools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from forked import client
from project import Project, fresh, tiny
from slurm import MEGABYTES, MINUTES, SMALL, Cluster, wait_for

pytestmark = pytest.mark.slow

QUICK = ("--seconds-between-status-checks", "1", "--latency-wait", "10")
SUBMIT = ("-m", "snakemake", "--workflow-profile", "profiles/slurm", *QUICK)
REAL = sys.executable
ONE_JOB = ("results/F1/conditions.parquet",)
HANG = 900
"""Seconds after which a run that hangs is ended."""

HELD = """
import os, pathlib, sys, time
if sys.orig_argv[1:2] == ["workflow/scripts/{script}.py"]:
    {code}
"""
FIRST = """def ticket(number):
        try:
            os.mkdir(f"ticket{{number}}")
            return True
        except FileExistsError:
            return False
    if not any(map(ticket, range({count}))):
        while not os.path.exists("go"):
            time.sleep(0.05)"""
"""So many processes, the first that start, go on; the others wait for a file."""
GATE = """while not os.path.exists("measure"):
        time.sleep(0.05)"""
NEEDS = """if int(os.environ["SLURM_MEM_PER_NODE"]) < {needed}:
        filled = b"x" * {filled}_000_000
        time.sleep(100_000)"""
"""A job that is given less memory than it needs takes that much, until it is ended."""


def hold(project: Project, script: str, code: str) -> None:
    """Let each process of a script start with this code: Python imports this module first."""
    with open(project.folder / "sitecustomize.py", "a") as module:
        module.write(HELD.format(script=script, code=code))


@contextlib.contextmanager
def submitted(project: Project, slurm: Cluster, *arguments: str, python: str = ""):
    """Snakemake, running in the project with the profile of a cluster; ended at the end.

    python: which runs it here and in the jobs; that of forks if none is given. Slurm does not see a
    fork among the processes of its job: REAL is for tests that cancel jobs or measure their memory.
    """
    with open(project.folder / "printed.txt", "w") as log:
        where = {"cwd": project.folder, "env": slurm.environment() | project.own(), "text": True}
        command = [python or client(), *SUBMIT, *arguments]
        process = subprocess.Popen(command, **where, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def printed(project: Project) -> str:
    return (project.folder / "printed.txt").read_text()


def ran(
    project: Project, slurm: Cluster, *arguments: str, ok: bool = True, python: str = ""
) -> str:
    """What Snakemake printed; `ok`: whether it is to succeed. See `submitted`."""
    with submitted(project, slurm, *arguments, python=python) as process:
        process.wait(HANG)
    assert (process.returncode == 0) == ok, printed(project)
    return printed(project)


def reached(project: Project, process: subprocess.Popen[str], what: str, found) -> None:
    """Wait until it is found, while Snakemake runs."""
    wait_for(lambda: found() or process.poll() is not None, what, HANG)
    assert process.poll() is None, printed(project)


def trained(project: Project) -> dict[str, int]:
    """When each training job that has succeeded last wrote its log."""
    done = project.folder.glob("results/benchmarks/*/train/*/*.tsv")
    logs = [Path(str(file).replace("/benchmarks/", "/logs/")).with_suffix(".log") for file in done]
    return {str(log): log.stat().st_mtime_ns for log in logs}


def lines(text: str, words: str) -> list[str]:
    """The lines that say this."""
    return [line for line in text.splitlines() if words in line]


def same(built: Project, project: Project) -> bool:
    ours, theirs = built.results(), project.results()
    assert list(ours) == list(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    return (project.folder / "results/report.html").is_file()


@pytest.fixture
def empty(built, tmp_path) -> Project:
    """The tiny pipeline with empty results."""
    project = built.copy(tmp_path / "project")
    for made in ("results", ".snakemake"):
        shutil.rmtree(project.folder / made)
    return project


@pytest.fixture
def new(tmp_path) -> Project:
    """The tiny pipeline, of which one short job is run."""
    return fresh(tmp_path / "project", tiny())


def test_the_pipeline_on_slurm_gives_the_bytes_of_a_local_run(built, slurm, empty):
    ran(empty, slurm)
    assert same(built, empty)
    # data, train, metrics of two experiments, pages; and nothing left to do here
    assert slurm.ended() == ["COMPLETED"] * 5
    assert empty.planned() == set()


def test_a_cancel_a_dead_node_and_a_silent_controller_lose_no_finished_work(built, slurm, empty):
    hold(empty, "train", FIRST.format(count=1))
    hold(empty, "metrics", GATE)
    with submitted(empty, slurm, python=REAL) as process:
        wait = functools.partial(reached, empty, process)

        def hit(rule: str) -> tuple[str, str]:
            """Id and node of the first running job of that rule."""
            wait(f"a job {rule}", lambda: slurm.running(rule))
            return slurm.running(rule)[0]

        wait("a training to end", lambda: trained(empty))
        kept = trained(empty)
        slurm.said("scancel", hit("train")[0])
        wait("the cancel", lambda: "are kept" in printed(empty))
        (empty.folder / "go").touch()
        hit("rule_metrics")
        slurm.end("slurmctld")
        wait("Snakemake to see that", lambda: "does not answer" in printed(empty))
        slurm.controller()
        _, node = hit("rule_metrics")
        slurm.crash(node)
        wait_for(lambda: "NODE_FAIL" in slurm.ended(), f"Slurm to see that {node} is dead", HANG)
        slurm.up(node)
        (empty.folder / "measure").touch()
        process.wait(HANG)
    assert process.returncode == 0, printed(empty)
    assert same(built, empty)
    assert kept.items() <= trained(empty).items()  # it was not trained again
    assert lines(printed(empty), "CANCELLED. 1 of its 3 jobs had finished and are kept")
    asked = slurm.shown("%T %m %k")
    assert {line.split()[0] for line in asked} == {"CANCELLED", "NODE_FAIL", "COMPLETED"}
    memory = {tuple(line.split()[1:]) for line in asked if "metrics" in line}
    assert len(memory) == 2  # one size for each experiment's, the first time and again


def test_what_a_cancelled_group_had_trained_is_not_trained_by_the_next_run(slurm, new):
    config = tiny()
    config["experiments"]["sets"]["sweep"] = {
        "density": [0.3, 0.2],
        "importance": [1.0, 0.5],
    }
    new.configure(config)
    hold(new, "train", FIRST.format(count=2))
    trainings = ("results/sets/runs.parquet", "--until", "train")
    once = (*trainings, "--retries", "0")
    with submitted(new, slurm, *once, python=REAL) as process:
        reached(new, process, "two trainings to end", lambda: len(trained(new)) == 2)
        slurm.said("scancel", slurm.running("train")[0][0])
        process.wait(HANG)
    assert process.returncode == 1
    assert lines(printed(new), "CANCELLED. 2 of its 4 jobs had finished and are kept")
    kept = trained(new)
    assert len(new.planned(*trainings)) == 2
    (new.folder / "go").touch()
    ran(new, slurm, *trainings)
    assert len(trained(new)) == 4
    assert kept.items() <= trained(new).items()


def test_memory_is_raised_after_a_job_ran_out_of_it(slurm, new):
    hold(new, "data", NEEDS.format(needed=1200, filled=800))
    text = ran(new, slurm, *ONE_JOB, "--set-resources", "data:mem_mb=800", python=REAL)
    assert slurm.shown("%m %l") == ["800M 5:00", "1600M 5:00"]
    assert len(lines(text, "is OUT_OF_MEMORY")) == 1


def test_memory_is_never_raised_past_what_the_partition_allows(slurm, new):
    hold(new, "data", NEEDS.format(needed=1200, filled=SMALL))
    small = ("--set-resources", "data:mem_mb=800", "data:slurm_partition=small")
    text = ran(new, slurm, *ONE_JOB, *small, ok=False, python=REAL)
    assert slurm.shown("%m") == ["800M", f"{SMALL}M"]
    (line,) = lines(text, "all that partition small allows")
    assert "set another slurm_partition" in line


def test_a_job_asks_at_most_for_what_the_partition_allows(slurm, new):
    much = ("data:mem_mb=50000", "data:runtime=5000")
    text = ran(new, slurm, *ONE_JOB, "--set-resources", *much)
    hours = f"{MINUTES // 60}:00:00"
    assert slurm.shown("%T %m %l") == [f"COMPLETED {MEGABYTES}M {hours}"]
    assert len(lines(text, "it is submitted with")) == 2


@pytest.mark.parametrize(
    ("asked", "said", "cure", "states"),
    [
        ("constraint=gold", "Invalid feature specification", "mend `constraint`", []),
        ("cpus_per_task=400", "Slurm says PartitionConfig", "lower `cores`", ["CANCELLED"]),
        ("slurm_partition=none", "nvalid partition", "slurm_partition that `sinfo`", []),
        ("slurm_extra='--time=9'", "not allowed in the 'slurm_extra'", "", []),
    ],
)
def test_a_job_that_can_never_start_fails_at_once_and_in_one_line(
    slurm, new, asked, said, cure, states
):
    text = ran(new, slurm, *ONE_JOB, "--set-resources", f"data:{asked}", ok=False)
    assert slurm.ended() == states  # sent once, and not again
    (line,) = lines(text, said)
    assert cure in line
    assert "Trying to restart" not in text


def test_why_a_job_waits_is_told_and_it_fails_when_it_can_no_longer_start(slurm, new):
    slurm.drain()
    with submitted(new, slurm, *ONE_JOB) as process:
        reached(new, process, "the reason", lambda: "waits: Slurm says" in printed(new))
        slurm.said("scontrol", "update", "partitionname=tests", "maxtime=1")
        process.wait(HANG)
    assert process.returncode == 1
    told = lines(printed(new), "waits: Slurm says")
    assert len({*told}) == len(told)  # another reason, not the same again
    assert re.search("DOWN|DRAINED|NotAvail", told[0])
    assert "sinfo -R" in told[0]
    (line,) = lines(printed(new), "can never start: Slurm says PartitionTimeLimit")
    assert "lower `runtime`" in line
    assert slurm.ended() == ["CANCELLED"]


def test_a_job_that_waited_for_a_node_starts_when_there_is_one(slurm, new):
    slurm.drain()
    with submitted(new, slurm, *ONE_JOB) as process:
        reached(new, process, "the reason", lambda: "waits: Slurm says" in printed(new))
        slurm.resume()
        process.wait(HANG)
    assert process.returncode == 0, printed(new)
