"""An interrupted update: over existing results, after a change of the config, a job is killed at a random
moment; the next `make` gives what an undisturbed one gives.

The jobs are forks of a warm process. A hook counts their audit events of Python (a file opened, renamed or
removed, a module imported, ...) by stage, and kills at the one that was drawn: what a job leaves on the
disk changes at such events only.
"""

import json
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from forked import client, forking
from project import Project, once, tiny
from test_crash import Running

from superpos.cli import stale

STAGES = (
    *("data", "training_set", "train", "metrics", "theory"),
    *("figure", "judge", "claims", "report"),
)
ALONE, ALL = "alone", "with all others"
OFTEN = ("train", "metrics")
KILLS = [
    *((stage, whom, n) for stage in STAGES for whom in (ALONE, ALL) for n in range(2)),
    *((stage, whom, 2) for stage in OFTEN for whom in (ALONE, ALL)),
]
FEW = [("train", ALL, 0)]

HOOK = """\
import _thread, contextlib, json, os, signal, sys

file, order = None, None
here = _thread._local()

def end_all():
    # A child, which no other process ends, kills all but the server of forks until none is left.
    server, project = os.getppid(), os.getcwd()
    if os.fork():
        while True:
            signal.pause()
    os.setsid()
    import psutil
    left = True
    while left:
        left = [
            other for other in psutil.process_iter(["cwd", "pid"])
            if other.info["cwd"] == project and other.pid not in (os.getpid(), server)
        ]
        for other in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                other.kill()
    note()
    os._exit(0)

def note():
    os.close(os.open(".events/killed", os.O_CREAT))

def seen(event, what):
    global file, order
    if hasattr(here, "busy") or "workflow/scripts/" not in getattr(sys, "argv", [""])[0]:
        return
    here.busy = True
    stage = os.path.basename(sys.argv[0])[:-3]
    if file is None:
        file = os.open(f".events/{stage}", os.O_APPEND | os.O_CREAT | os.O_WRONLY)
        with open(".events/order.json") as text:
            order = json.load(text)
    os.write(file, b".")
    if order["stage"] == stage and order["event"] == os.lseek(file, 0, os.SEEK_CUR):
        if order["all"]:
            end_all()
        note()
        os.kill(os.getpid(), signal.SIGKILL)
    del here.busy

sys.addaudithook(seen)
"""
"""What the process runs at its start whose forks the jobs are."""


def config(version: int) -> dict:
    """One of two configs between which every file of every stage differs."""
    changed = tiny()
    changed["seed"] = version
    points = {"density": [0.1, 0.5 + version / 4], "importance": [0.5, 1.0]}
    settings = {"n_features": 2, "n_hidden": 1, **points}
    changed["theory"] = {"optimum": {"table": "phase_optimum", "settings": settings}}
    return changed


@dataclass
class Updates:
    """A project that goes from one config to the other, what each gives, and the events of a stage."""

    project: Project
    given: dict[int, dict[str, bytes]]
    events: dict[str, int]
    version: int = 0

    def order(self, **order: object) -> None:
        """Forget the events seen; kill as ordered."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        (self.folder / "order.json").write_text(json.dumps({"stage": "", **order}))

    def change(self) -> None:
        """Configure the other of the two. A training set has its settings in its name: drawn again."""
        shutil.rmtree(self.project.folder / "results/training_sets", ignore_errors=True)
        self.version = 1 - self.version
        self.project.configure(config(self.version))

    def results(self) -> dict[str, bytes]:
        """The results that the config plans."""
        planned = {f"results/{path}" for path in stale.planned(self.project.folder)}
        return {k: v for k, v in self.project.results().items() if k in planned}

    @property
    def folder(self) -> Path:
        return self.project.folder / ".events"


@pytest.fixture(scope="module")
def updates(built, shared, tmp_path_factory):
    folder = shared / "updated" / "project"
    given, events = once(shared / "updates", lambda: undisturbed(built.copy(folder)))
    project = Project(folder).copy(tmp_path_factory.mktemp("updates") / "project")
    with forking(project, "torch", at_start=HOOK):
        yield Updates(project, given, events)


def undisturbed(project: Project) -> tuple[dict[int, dict[str, bytes]], dict[str, int]]:
    """What each config gives, and the events of each stage; the project then has the first one's results."""
    these = Updates(project, {}, {})
    with forking(project, "torch", at_start=HOOK):
        for _ in range(2):
            these.change()
            these.order()
            project.make()
            these.given[these.version] = these.results()
            sizes = {stage: (these.folder / stage).stat().st_size for stage in STAGES}
            these.events = {s: min(n, these.events.get(s, n)) for s, n in sizes.items()}
    both = these.given[0].keys() & these.given[1].keys()
    assert len(both) >= 30
    assert [name for name in both if these.given[0][name] == these.given[1][name]] == []
    return these.given, these.events


def interrupt(updates: Updates, stage: str, whom: str, n: int) -> None:
    """Change the config, and kill a job of the stage at a moment that its number decides."""
    chance = random.Random(f"{stage} {whom} {n}")
    updates.change()
    last = updates.events[stage] * 19 // 20  # a slower or faster run has a few events fewer or more
    updates.order(stage=stage, event=chance.randint(1, last), all=whom == ALL)
    running = Running(updates.project, client())
    running.wait()
    assert running.process.returncode
    running.until((updates.folder / "killed").exists, alone=False)
    updates.order()


def check(updates: Updates) -> None:
    """The next run gives what an undisturbed one gives, and leaves nothing to do."""
    updates.project.make()
    found, given = updates.results(), updates.given[updates.version]
    assert [name for name in given if found.get(name) != given[name]] == []
    assert updates.project.planned() == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "whom", "n"),
    [*FEW, *(pytest.param(*k, marks=pytest.mark.trial) for k in KILLS if k not in FEW)],
)
def test_an_interrupted_update_leaves_nothing_old(updates, stage, whom, n):
    interrupt(updates, stage, whom, n)
    check(updates)


@pytest.mark.slow
def test_nor_does_one_whose_records_are_deleted_after_it(updates):
    interrupt(updates, "metrics", ALL, 3)
    shutil.rmtree(updates.project.folder / ".snakemake")
    check(updates)
