"""Any variation of a shipped experiment is refused in one line before a job starts, or ends in a report."""

import re

import pandas as pd
import pytest
import yaml
from forked import forking
from project import SHIPPED, Project, fresh
from variations import changes, inherited, small

import superpos
from superpos import claims, layers
from superpos.config import changed, resolve

EXPERIMENTS = list(SHIPPED["experiments"])
KEYS = list(changes(EXPERIMENTS[0]))
ROUNDS = range(len(KEYS))
PAIRS = [(name, key) for name in EXPERIMENTS for key in KEYS]
FEW = {(name, KEYS[i % len(KEYS)]) for i, name in enumerate(EXPERIMENTS)}
"""One variation of each experiment, and one of each key at least."""
VERDICTS = {"holds", "does not hold", "not tested"}


def marked(pairs):
    """The pairs as parameters; those that are not among the few are left to the trials."""
    return [
        pytest.param(*pair, marks=[pytest.mark.slow] if pair in FEW else [pytest.mark.trial])
        for pair in pairs
    ]


def one_line(error: Exception) -> None:
    """Whether an error is a line that a person can use."""
    said = str(error)
    assert "\n" not in said
    assert 10 < len(said) < 500


def refused(name: str, change: dict) -> str:
    """Why the pipeline refuses a variation of one experiment; nothing if it takes it."""
    try:
        shipped = resolve(small())
        changed(resolve(layers.merged([small(), {"experiments": {name: change}}])), shipped)
    except ValueError as error:
        one_line(error)
        return str(error)
    return ""


@pytest.mark.parametrize(("name", "key"), marked(PAIRS))
def test_a_variation_in_memory_is_refused_in_one_line_or_drawn_and_judged(name, key):
    change = {**inherited(name), **changes(name)[key]}
    change.pop("base", None)
    try:
        tables = superpos.sweep(name, **change, threads=1)
    except ValueError as error:
        one_line(error)
        return
    for figure, line in SHIPPED["figures"].items():
        if name in line["from"]:
            try:
                superpos.draw(figure, tables)
            except ValueError as error:
                one_line(error)
    judged = claims.evaluate(tables)
    assert set(judged["verdict"]) <= VERDICTS
    assert judged.loc[judged["verdict"] == "not tested", "reason"].str.len().gt(0).all()


@pytest.fixture(scope="module")
def quick(tmp_path_factory) -> Project:
    """The shipped experiments in small, with no results."""
    return fresh(tmp_path_factory.mktemp("variations") / "project", small())


@pytest.mark.parametrize(
    "turn", [pytest.param(t, marks=pytest.mark.trial if t else pytest.mark.slow) for t in ROUNDS]
)
def test_a_variation_of_every_experiment_in_the_pipeline_ends_in_a_report(quick, turn):
    pairs = {name: KEYS[(i + turn) % len(KEYS)] for i, name in enumerate(EXPERIMENTS)}
    taken = {n: changes(n)[key] for n, key in pairs.items() if not refused(n, changes(n)[key])}
    assert len(taken) > len(EXPERIMENTS) / 2
    overlay = f"turn{turn}.yaml"
    (quick.folder / overlay).write_text(yaml.safe_dump({"experiments": taken}))
    with forking(quick) as printed:
        printed(quick.make("--configfile", overlay))
    results = quick.folder / f"results/variations/turn{turn}"
    verdicts = pd.read_parquet(results / "claims.parquet")
    assert set(verdicts["verdict"]) <= VERDICTS
    page = (results / "report.html").read_text()
    assert re.search(r"not tested", page)
