"""A claim reads no metric that its measure does not declare."""

from typing import Any

import pandas as pd
import pytest
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


def shorter(name: str, second: dict[str, Any]) -> dict[str, Any]:
    """The sweep of an experiment of the second paper, with fewer steps in each part."""
    block = layers.inherited(name, second["experiments"])
    steps = block.get("steps", second["defaults"]["steps"])
    fewer = [
        {**part, "steps": [s // SHORTER for s in part.get("steps", [steps])]}
        for part in parts(block)
    ]
    return {"sweep": fewer}


def in_full(table: pd.DataFrame) -> pd.DataFrame:
    """The table of a shorter training with the steps of the experiment."""
    return table.assign(steps=table["steps"] * SHORTER) if "steps" in table else table


@pytest.fixture(scope="module")
def whole() -> Tables:
    """The tables of all experiments of the shipped configs in small, and those of theory."""
    raw = small()
    second = shipped.config(paper=paper_files.papers()["double_descent"])
    every = [
        superpos.sweep(name, threads=1, **{k: block[k] for k in TRAINED if k in block})
        for name, block in raw["experiments"].items()
    ]
    others = [
        superpos.sweep(name, threads=1, **FEW, **shorter(name, second))
        for name in second["experiments"]
    ]
    stages = ("runs", "features", "history", "checkpoints", "samples")
    *joined, samples = [
        pd.concat(
            [getattr(t, stage) for t in every] + [in_full(getattr(t, stage)) for t in others],
            ignore_index=True,
        )
        for stage in stages
    ]
    theory = {
        name: lookup.load("theory table", line["table"]).table(**line["settings"])
        for name, line in {**raw["theory"], **second["theory"]}.items()
    }
    return Tables(*joined, theory, samples=samples)


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


@pytest.mark.slow
@pytest.mark.parametrize("file", judging.files())
def test_a_claim_is_measured_from_the_metrics_that_it_declares(file, whole):
    asked = [c for c in judging.claims(file) if {*c.experiments} <= whole.names]
    for claim in asked:
        chosen = whole.of(*claim.experiments).where(**claim.where)
        chosen = chosen.best() if claim.over == "best" and claim.experiments else chosen
        few = reduced(chosen, claim.needs.metrics)
        assert measured(claim, few) == measured(claim, chosen), claim.claim


def test_claims_declare_metrics_that_exist():
    declared = {metric for claim in judging.claims() for metric in claim.needs.metrics}
    assert {"feature_norm", "phase", "poly_neurons"} < declared <= {*metrics.names()}
