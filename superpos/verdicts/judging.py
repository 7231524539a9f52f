"""Judge the claims: measure what each is about, and compare the value with its range."""

import functools
import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from superpos import lookup
from superpos.config.experiments import Config, Experiment
from superpos.tables import Tables
from superpos.verdicts.claim import Claim
from superpos.verdicts.outcomes import UNTESTED, verdict
from superpos.verdicts.scope import Scope, narrowed, scope

NO_RUN = "the tables have no run that the claim is about"


def files() -> list[str]:
    """The names of the files with claims, in their order."""
    return lookup.names("claims file")


def claims(*of: str) -> list[Claim]:
    """The claims of some files, or of all, in the order of the files' names, then of each file."""
    return [c for file in of or files() for c in lookup.load("claims file", file).CLAIMS]


def about(file: str, experiments: Collection[str], theory: Collection[str] = ()) -> list[Claim]:
    """The claims of a file about any of these experiments or, without experiments, tables of theory."""
    present = {*experiments}, {*theory}
    return [
        claim
        for claim in claims(file)
        if present[0] & {*claim.experiments}
        or (not claim.experiments and present[1] & {*claim.theory})
    ]


def completed(config: Config, whole: Config) -> Config:
    """A variation with what its claims read besides: experiments and tables of theory of the whole.

    A claim about one of its experiments counts if it is tested then.
    """
    asked = [claim for claim in claims() if config.experiments.keys() & {*claim.experiments}]
    untested = scope(asked, whole.experiments, whole.theory).untested
    tested = [claim for claim in asked if claim.claim not in untested]
    names = {*config.experiments, *(name for claim in tested for name in claim.experiments)}
    tables = {*config.theory, *(name for claim in tested for name in claim.theory)}
    experiments = {n: e for n, e in whole.experiments.items() if n in names}
    theory = {n: line for n, line in whole.theory.items() if n in tables}
    return replace(config, experiments=experiments, theory=theory)


def evaluate(tables: Tables, *of: str) -> pd.DataFrame:
    """One row a claim, of some files or all, about any of the experiments or theory in the tables.

    `verdict` is "holds", "does not hold" or "not tested", which has a `reason`: the tables lack what
    the claim is about. `value` rests on `runs` runs; replicate_low, _median, _high and
    replicates_hold (the share that holds) are the same measure on the k-th replicate of every
    condition, for each k.
    """
    theory = dict.fromkeys(tables.theory)
    experiments = _experiments(tables)
    asked = [claim for file in of or files() for claim in about(file, experiments, theory)]
    return judged(tables, scope(asked, experiments, theory), *of)


def judged(tables: Tables, within: Scope, *of: str) -> pd.DataFrame:
    """The same where `within` says which claims are not tested, and which conditions none is about."""
    present = set(tables.runs["experiment"])
    tables = tables.without(within.beyond)
    chosen = functools.lru_cache(maxsize=1)(tables.of)
    select = functools.lru_cache(maxsize=1)(partial(_selected, chosen))
    rows = []
    for file in of or files():
        named = {claim.claim for claim in about(file, present, tables.theory)} | {*within.untested}
        for claim in (c for c in claims(file) if c.claim in named):
            if reason := within.untested.get(claim.claim):
                rows.append(_untested(claim, reason))
            else:
                rows.append(_row(claim, select(claim.experiments, *claim.where.items())))
    return pd.DataFrame(rows, columns=COLUMNS)


def _experiments(tables: Tables) -> dict[str, Experiment | None]:
    """The experiments of the tables, as far as they are known, with the conditions that are there."""
    names = tables.runs[["experiment", "condition"]].drop_duplicates()
    return {
        name: narrowed(known, part["condition"])
        if (known := tables.experiments.get(name))
        else None
        for name, part in names.groupby("experiment")
    }


COLUMNS = [
    *(
        "claim",
        "figure",
        "source",
        "statement",
        "value",
        "low",
        "high",
        "verdict",
        "reason",
        "runs",
    ),
    *("replicates", "replicate_low", "replicate_median", "replicate_high", "replicates_hold"),
    *("old_low", "old_high", "correction"),
]


def gathered(verdicts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The verdicts of several files as one table, of no rows where there is none."""
    parts = list(verdicts)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


@dataclass(frozen=True)
class _Selection:
    """The runs that a claim is about: all, the best ones, and those of each replicate."""

    all: Tables
    best: Tables
    replicates: list[Tables]


def _selected(
    of: Callable[..., Tables], experiments: tuple[str, ...], *where: tuple[str, Any]
) -> _Selection:
    """Claims that stand together mostly share it; `of` selects the runs of experiments."""
    chosen = of(*experiments).where(**dict(where))
    best = chosen if experiments and chosen.lost() else chosen.best()
    return _Selection(chosen, best, chosen.by_replicate if experiments else [])


def _row(claim: Claim, selection: _Selection) -> dict[str, object]:
    shown = selection.best if claim.over == "best" else selection.all
    if claim.experiments and not len(shown.runs):
        return _untested(claim, NO_RUN)
    every = selection.all.runs["experiment"].nunique()
    value = _measured(claim, shown, every)
    spread = pd.Series([_measured(claim, one, every) for one in selection.replicates], dtype=float)
    return {
        **_said(claim),
        "value": value,
        "verdict": verdict(claim.holds(value)),
        "reason": "",
        "runs": len(shown.runs),
        "replicates": len(selection.replicates),
        "replicate_low": spread.min(),
        "replicate_median": spread.median(),
        "replicate_high": spread.max(),
        "replicates_hold": spread.map(claim.holds).astype(float).mean(),
    }


def _untested(claim: Claim, reason: str) -> dict[str, object]:
    measured = ("value", "replicate_low", "replicate_median", "replicate_high", "replicates_hold")
    nothing = {**dict.fromkeys(measured, float("nan")), "runs": 0, "replicates": 0}
    return {**_said(claim), **nothing, "verdict": UNTESTED, "reason": reason}


def _said(claim: Claim) -> dict[str, object]:
    """What a claim says, whatever was measured."""
    old = claim.correction
    return {
        **{name: getattr(claim, name) for name in ("claim", "figure", "source", "statement")},
        "low": claim.low,
        "high": claim.high,
        "old_low": old.low if old else float("nan"),
        "old_high": old.high if old else float("nan"),
        "correction": old.reason if old else "",
    }


def _measured(claim: Claim, tables: Tables, experiments: int) -> float:
    """The measure; NaN unless the tables have runs of that many experiments, none of which diverged."""
    whole = experiments and tables.runs["experiment"].nunique() == experiments
    measured = (whole and not tables.diverged.any()) or not claim.experiments
    return _settled(float(claim.measure(tables))) if measured else float("nan")


def _settled(value: float) -> float:
    """To nine digits and twelve places: a library's sums have other last bits on another CPU."""
    return float(f"{round(value, 12):.9g}") if math.isfinite(value) else value
