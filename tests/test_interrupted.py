"""An interrupted update: over existing results, after a change of the config, a job is killed at a random
moment; the next `make` gives what an undisturbed one gives."""

import contextlib
import random
import shutil
import time

import psutil
import pytest
from project import Project, tiny
from test_crash import Running

STAGES = (
    *("conditions", "evaluation", "training_set", "train", "metrics"),
    *("figure", "judge", "claims", "explorer", "report"),
)


def other() -> dict:
    """A config after which every file is another one."""
    config = tiny()
    config["seed"] = 1
    return config


@pytest.fixture(scope="module")
def undisturbed(built, tmp_path_factory) -> dict[str, bytes]:
    """The results after the change of the config, without an interruption."""
    project = built.copy(tmp_path_factory.mktemp("undisturbed") / "project")
    project.configure(other())
    project.make()
    return project.results()


def kill(running: Running, script: str, alone: bool, chance: random.Random) -> bool:
    """Kill the first job of a script at a random moment of its life; whether it was still alive."""
    job = running.child(f"workflow/scripts/{script}.py")
    lives = chance.uniform(0, 2)
    with contextlib.suppress(psutil.NoSuchProcess):
        while job.is_running() and sum(job.cpu_times()[:2]) < lives:
            time.sleep(0.005)
        family = [job] if alone else [running.process, *_below(running.process.pid)]
        alive = job.is_running() and job.status() != psutil.STATUS_ZOMBIE
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        return alive
    return False


def _below(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def check(
    project: Project, undisturbed: dict[str, bytes], script: str, alone: bool, seed: int
) -> None:
    """Change the config, kill a job, and compare what the next run leaves."""
    before = project.results()
    project.configure(other())
    running = Running(project)
    killed = kill(running, script, alone, random.Random(seed))
    running.wait()
    assert not (killed and alone) or running.process.returncode
    project.make()
    after = project.results()
    assert [name for name in undisturbed if after.get(name) != undisturbed[name]] == []
    assert before.keys() - after.keys() == set()
    assert project.planned() == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "alone"), [("metrics", True), ("train", False), ("report", True)]
)
def test_an_interrupted_update_leaves_nothing_old(project, undisturbed, script, alone):
    check(project, undisturbed, script, alone, seed=0)


@pytest.mark.trial
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "with all others"])
@pytest.mark.parametrize("script", STAGES)
def test_no_interrupted_update_leaves_anything_old(project, undisturbed, script, alone, seed):
    check(project, undisturbed, script, alone, seed)


@pytest.mark.slow
def test_after_a_kill_and_without_snakemakes_records_too(project, undisturbed):
    project.configure(other())
    running = Running(project)
    kill(running, "metrics", False, random.Random(0))
    running.wait()
    shutil.rmtree(project.folder / ".snakemake")
    project.make()
    after = project.results()
    assert [name for name in undisturbed if after.get(name) != undisturbed[name]] == []
