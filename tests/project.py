"""A copy of the project with a tiny config, and Snakemake run in it as a person would."""

import copy
import fcntl
import os
import pickle
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import compiled_once
import forked
import yaml

Made = TypeVar("Made")
HERE = Path(__file__).parents[1]
STORE_NOTHING = "PYTHONDONTWRITEBYTECODE"
PARTS = ("Snakefile", "workflow", "superpos", "profiles", "results/README.md")
SHIPPED = yaml.safe_load((HERE / "config.yaml").read_text())

TINY: dict[str, Any] = {
    "seed": 0,
    "defaults": {
        **SHIPPED["defaults"],
        **{"batch": 16, "steps": 20, "replicates": 2, "block": 4, "losses": 5},
        **{"engine": "reference", "evaluation": {"samples": 500, "strata": 0}},
    },
    "experiments": {
        "F1": {
            **{"title": "Five features", "n_features": 5, "n_hidden": 2, "engine": "fused"},
            **{"importance": {"geometric": 0.9}, "sweep": {"density": [1.0, 0.2, 0.1]}},
            **{"pack": ["density"], "evaluation": {"strata": 100}},
        },
        "sets": {
            **{"title": "Correlated sets", "n_features": 4, "n_hidden": 2},
            "data": {"name": "correlated", "sets": 2, "training_samples": 40},
            "sweep": {"density": [0.3], "importance": [1.0, 0.5]},
            "metrics": ["feature_norm", "superposition_unnormalised"],
        },
    },
    "theory": {},
    "figures": {
        "F1": {"draw": "intro", "from": ["F1"]},
        "bars": {"draw": "seed_bars", "from": ["sets"]},
    },
}


def tiny() -> dict[str, Any]:
    """The tiny config, to be changed."""
    return copy.deepcopy(TINY)


HOLD = """\
import itertools, os, signal, sys, time

seen = itertools.count(1)

def hold(event, what):
    if event != "{event}" or not any(str(one).endswith("{word}") for one in what[:2]):
        return
    if next(seen) == {nth} and not os.path.exists("stopped"):
        signal.signal(signal.SIGINT, signal.{on_interrupt})
        open("stopped", "w").close()
        while os.path.exists("held"):
            time.sleep(0.02)

if any(word.endswith("scripts/{script}.py") for word in sys.orig_argv):
    sys.addaudithook(hold)
"""
"""What Python imports when it starts: no code is edited, so the digests of the code stay the same."""


@dataclass(frozen=True)
class Project:
    """A folder with the pipeline."""

    folder: Path

    def run(self, *arguments: str, ok: bool = True) -> str:
        """What Snakemake prints; `ok`: whether it is to succeed."""
        return self._run([forked.client(), "-m", "snakemake", "--cores", "2", *arguments], ok)

    def make(self, *arguments: str, ok: bool = True) -> str:
        """What workflow/run.py prints, which `make` calls."""
        return self._run([forked.client(), "workflow/run.py", *arguments], ok)

    def python(self, *words: object, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run Python in this folder; it is given a text to read."""
        return subprocess.run(
            [forked.client(), *map(str, words)],
            **{"cwd": self.folder, "env": self.environment(), "check": False, "text": True},
            **{"input": given, "capture_output": True},
        )

    def planned(self, *arguments: str) -> set[str]:
        """The messages of the jobs that a dry run plans; none where nothing is to be done."""
        text = self.run("--dry-run", *arguments)
        jobs = set(re.findall(r"^Job \d+: (.*)$", text, re.MULTILINE))
        assert jobs or "Nothing to be done" in text, text
        return jobs

    def configure(self, config: dict[str, Any]) -> None:
        """Write config.yaml."""
        text = yaml.safe_dump(config, sort_keys=False)
        (self.folder / "config.yaml").write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the first `old` of a file, which must be there."""
        text = (self.folder / path).read_text()
        assert old in text, f"{path} has no {old!r}"
        (self.folder / path).write_text(text.replace(old, new, 1))

    def results(self, under: str = "results") -> dict[str, bytes]:
        """The contents of every result that must be the same again: no logs, times, versions."""
        kinds = (".parquet", ".safetensors", ".svg", ".png", ".pdf", ".html")
        files = sorted((self.folder / under).rglob("*"))
        return {
            str(file.relative_to(self.folder)): file.read_bytes()
            for file in files
            if file.suffix in kinds and file.name != "report.html"  # which says what took how long
        }

    def hold(
        self, script: str, word: str, event: str = "import", nth: int = 1, deaf: bool = False
    ) -> None:
        """Stop the first job of a script at the nth audit event of Python about `word`.

        The job waits until it is released or killed. deaf: it ignores SIGINT from then on.
        """
        on_interrupt = "SIG_IGN" if deaf else "default_int_handler"
        settings = {"script": script, "word": word, "event": event, "nth": nth}
        (self.folder / "held").write_text("")
        (self.folder / "sitecustomize.py").write_text(
            HOLD.format(**settings, on_interrupt=on_interrupt)
        )

    def is_held(self) -> bool:
        """Whether a job has stopped."""
        return (self.folder / "stopped").exists()

    def release(self) -> None:
        """Let the job continue."""
        for name in ("sitecustomize.py", "held", "stopped"):
            (self.folder / name).unlink(missing_ok=True)

    def log(self, name: str) -> str:
        """A job's log."""
        return (self.folder / "results" / "logs" / name).read_text()

    def copy(self, folder: Path) -> "Project":
        """The same in another folder, times of the files included."""
        shutil.copytree(self.folder, folder, symlinks=True)
        compiled_once.among_copies(folder)
        return Project(folder)

    def environment(self) -> dict[str, str]:
        """The variables that Snakemake runs with: the project's own code comes first, and is stored
        compiled where it stands."""
        return {k: v for k, v in os.environ.items() if k != STORE_NOTHING} | self.own()

    def own(self) -> dict[str, str]:
        """The variable that makes Python find this project's code first."""
        folders = (self.folder, self.folder / "workflow/plugins")
        return {"PYTHONPATH": os.pathsep.join(map(str, folders))}

    def _run(self, command: list[str], ok: bool) -> str:
        ended = subprocess.run(
            command,
            **{"cwd": self.folder, "env": self.environment(), "check": False, "text": True},
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
        )
        assert (ended.returncode == 0) == ok, ended.stdout
        return ended.stdout


def fresh(folder: Path, config: dict[str, Any]) -> Project:
    """The project in a new folder, with that config and empty results."""
    for part in PARTS:
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (HERE / part).is_dir():
            shutil.copytree(HERE / part, target, ignore=_compiled)
        else:
            shutil.copy2(HERE / part, target)
    compiled_once.among_copies(folder)
    project = Project(folder)
    project.configure(config)
    return project


def once(place: Path, made: Callable[[], Made]) -> Made:
    """What one worker has made for all. The others wait for it and read it."""
    with open(f"{place}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            content = pickle.dumps(made())
            place.write_bytes(content)
        return pickle.loads(place.read_bytes())


def _compiled(folder: str, names: list[str]) -> list[str]:
    """The compiled kernels of all versions of the code."""
    return [name for name in names if (Path(folder) / name).match(compiled_once.STORED)]
