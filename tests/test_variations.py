"""Any variation of a shipped experiment is refused in one line before a job starts, or ends in a report."""

import contextlib
import functools
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
import yaml
from forked import forking
from project import SHIPPED, Project, fresh, once
from variations import changes, small

import superpos
from superpos import lookup
from superpos.config import layers, shipped
from superpos.config.experiments import Config
from superpos.config.resolving import changed, resolve
from superpos.numerics.digest import digest
from superpos.verdicts import best_of, judging, outcomes

EXPERIMENTS = list(SHIPPED["experiments"])
KEYS = list(changes(EXPERIMENTS[0]))
PAIRS = [(name, key) for name in EXPERIMENTS for key in KEYS]
FEW = {(name, KEYS[i % len(KEYS)]) for i, name in enumerate(EXPERIMENTS)}
"""One variation of each experiment, and one of each key at least."""
TRIAL = (pytest.mark.slow, pytest.mark.trial)


def check_line(error: Exception) -> None:
    """An error must be one line, and not a long one."""
    said = str(error)
    assert "\n" not in said
    assert 10 < len(said) < 500


@functools.cache
def base() -> Config:
    """The shipped experiments in small, resolved."""
    return resolve(small())


def refused(name: str, change: dict) -> str:
    """Why the pipeline refuses a variation of one experiment; nothing if it takes it."""
    try:
        raw = layers.merged([small(), {"experiments": {name: change}}])
        changed(resolve(raw, small()), base())
    except ValueError as error:
        check_line(error)
        return str(error)
    return ""


@pytest.fixture
def theory_once(monkeypatch, shared):
    """Each table of theory is computed by one worker for all, because no variation changes one."""
    for file in {line["table"] for line in SHIPPED["theory"].values()}:
        module = lookup.load("theory table", file)
        monkeypatch.setattr(module, "table", partial(remembered, shared, file, module.table))


def remembered(
    folder: Path, file: str, table: Callable[..., pd.DataFrame], **settings: object
) -> pd.DataFrame:
    return once(folder / f"{file}_{digest(settings)}", partial(table, **settings))


@pytest.mark.parametrize(
    ("name", "key"),
    [pytest.param(*p, marks=pytest.mark.slow if p in FEW else TRIAL) for p in PAIRS],
)
@pytest.mark.usefixtures("theory_once")
def test_a_variation_in_memory_is_refused_in_one_line_or_drawn_and_judged(name, key, monkeypatch):
    monkeypatch.setattr(shipped, "config", lambda **_: small())
    monkeypatch.setattr(best_of, "MOST_DRAWS", best_of.FEWEST_DRAWS)
    try:
        tables = superpos.sweep(name, **changes(name)[key], threads=1)
    except ValueError as error:
        check_line(error)
        return
    for figure, line in SHIPPED["figures"].items():
        if name in line["from"]:
            try:
                superpos.draw(figure, tables)
            except ValueError as error:
                check_line(error)
    judged = judging.evaluate(tables)
    untested = judged["verdict"] == outcomes.UNTESTED
    assert set(judged["verdict"]) <= {outcomes.HOLDS, outcomes.FAILS, outcomes.UNTESTED}
    assert ((judged["reason"] != "") == untested).all()


@pytest.fixture(scope="module")
def quick(tmp_path_factory) -> Iterator[Project]:
    """The shipped experiments in small, with no results; its jobs are forks, its PDFs and PNGs empty pages,
    and the best of k is drawn a few times."""
    project = fresh(tmp_path_factory.mktemp("variations") / "project", small())
    empty = '(figure if form == "svg" else type(figure)()).savefig('
    project.edit("superpos/plotting/style.py", "figure.savefig(", empty)
    project.edit("superpos/verdicts/best_of.py", "FEWEST_DRAWS = 50, 5", "FEWEST_DRAWS = 5, 5")
    with forking(project):
        yield project


def make(project: Project, variation: str, kept: Path) -> Path:
    """Make a variation; the results. No table of theory varies, so those that any worker kept are taken."""
    results = project.folder / "results/variations" / variation
    if kept.exists():
        shutil.copytree(kept, results / "theory")
    project.make("--configfile", f"{variation}.yaml")
    if not kept.exists():
        own = shutil.copytree(results / "theory", kept.with_name(f"theory_{variation}"))
        with contextlib.suppress(OSError):  # another worker was first
            own.rename(kept)
    return results


@pytest.mark.slow
@pytest.mark.trial
@pytest.mark.parametrize("turn", range(len(KEYS)))
def test_a_variation_of_every_experiment_in_the_pipeline_ends_in_a_report(quick, shared, turn):
    varied = {
        name: changes(name)[KEYS[(i + turn) % len(KEYS)]] for i, name in enumerate(EXPERIMENTS)
    }
    taken = {name: change for name, change in varied.items() if not refused(name, change)}
    assert len(taken) > len(EXPERIMENTS) / 2
    (quick.folder / f"turn{turn}.yaml").write_text(yaml.safe_dump({"experiments": taken}))
    results = make(quick, f"turn{turn}", shared / "theory")
    judged = pd.read_parquet(results / "claims.parquet")
    assert outcomes.UNTESTED in set(judged["verdict"])
    assert "not tested" in (results / "report.html").read_text()
