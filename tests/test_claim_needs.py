"""A claim reads no metric that its measure does not declare."""

import functools
from typing import Any

import pandas as pd
import pytest
from project import SHIPPED
from variations import parts, small

import superpos
from superpos import lookup, metrics
from superpos.config import layers, paper_files, shipped
from superpos.tables import Tables
from superpos.verdicts import judging

TRAINED = ("steps", "batch", "replicates", "block", "losses", "evaluation", "checkpoints", "sweep")
FEW = {"n_features": 30, "density": 0.2, "losses": 2, "evaluation": {"samples": 100, "strata": 0}}
"""What makes the second paper's experiments quick."""
SHORTER = 100
"""So many times shorter is their training; the tables give the steps of the experiments."""
SECOND = shipped.config(paper=paper_files.papers()["double_descent"])
KNOWN = {*SHIPPED["experiments"], *SECOND["experiments"]}


def shorter(name: str) -> dict[str, Any]:
    """The sweep of an experiment of the second paper, with fewer steps in each part."""
    block = layers.inherited(name, SECOND["experiments"])
    steps = block.get("steps", SECOND["defaults"]["steps"])
    fewer = [
        {**part, "steps": [s // SHORTER for s in part.get("steps", [steps])]}
        for part in parts(block)
    ]
    return {"sweep": fewer}


def in_full(table: pd.DataFrame) -> pd.DataFrame:
    """The table of a shorter training with the steps of the experiment."""
    return table.assign(steps=table["steps"] * SHORTER) if "steps" in table else table


@functools.cache
def swept(name: str) -> Tables:
    """The tables of a shipped experiment in small."""
    first = small()["experiments"]
    if name in first:
        own = {k: first[name][k] for k in TRAINED if k in first[name]}
        return superpos.sweep(name, threads=1, **own)
    return superpos.sweep(name, threads=1, **FEW, **shorter(name))


@functools.cache
def theory(name: str) -> pd.DataFrame:
    """A table of theory, as far as claims about experiments read it."""
    if name == "polygon_features":
        pentagon = lookup.load("theory table", name).table([1000], 10.0, [5])
        return pentagon.assign(n_features=FEW["n_features"])
    line = small()["theory"][name]
    return lookup.load("theory table", line["table"]).table(**line["settings"])


def whole(names: set[str], of_theory: set[str]) -> Tables:
    """The tables of several experiments together, and those of theory."""
    first = [swept(name) for name in SHIPPED["experiments"] if name in names]
    second = [swept(name) for name in SECOND["experiments"] if name in names]
    stages = ("runs", "features", "history", "checkpoints", "samples")
    *joined, samples = [
        pd.concat(
            [getattr(t, stage) for t in first] + [in_full(getattr(t, stage)) for t in second],
            ignore_index=True,
        )
        for stage in stages
    ]
    return Tables(*joined, {name: theory(name) for name in of_theory}, samples=samples)


def reduced(tables: Tables, kept: tuple[str, ...]) -> Tables:
    """The tables without other metrics than these."""
    dropped = {*metrics.names()} - {*kept}
    read = (tables.runs, tables.features, tables.history, tables.checkpoints, tables.samples)
    *parts, samples = (part.drop(columns=dropped & {*part.columns}) for part in read)
    return Tables(*parts, tables.theory, samples=samples)


def measured(claim: judging.Claim, tables: Tables) -> str:
    """The value, or why these few untrained models have none; never a column that is missing."""
    try:
        return repr(float(claim.measure(tables)))
    except (ValueError, ZeroDivisionError) as error:
        return str(error)


def about_runs(file: str) -> list[judging.Claim]:
    """The claims of a file about experiments of the shipped configs; those of theory alone read no metric."""
    claims = judging.claims(file)
    return [claim for claim in claims if claim.experiments and {*claim.experiments} <= KNOWN]


@pytest.mark.slow
@pytest.mark.parametrize("file", [file for file in judging.files() if about_runs(file)])
def test_a_claim_is_measured_from_the_metrics_that_it_declares(file):
    asked = about_runs(file)
    every = whole(
        {name for claim in asked for name in claim.experiments},
        {name for claim in asked for name in claim.theory},
    )
    for claim in asked:
        chosen = every.of(*claim.experiments).where(**claim.where)
        chosen = chosen.best() if claim.over == "best" else chosen
        few = reduced(chosen, claim.needs.metrics)
        assert measured(claim, few) == measured(claim, chosen), claim.claim


def test_claims_declare_metrics_that_exist():
    declared = {metric for claim in judging.claims() for metric in claim.needs.metrics}
    assert {"feature_norm", "phase", "poly_neurons"} < declared <= {*metrics.names()}
