"""Claims: what the paper says, measured. One file a figure, each with CLAIMS.

A claim that does not hold is a finding. Ranges are fixed before a run is looked at.
"""

import functools
import importlib
import math
import pkgutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from superpos.claims._claim import Claim, Correction
from superpos.tables import Tables

__all__ = ["Claim", "Correction", "claims", "evaluate", "files"]


def files() -> list[str]:
    """The names of the files with claims, in their order."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_")


def claims(*of: str) -> list[Claim]:
    """The claims of some files, or of all, in the order of the files' names, then of each file."""
    named = of or files()
    return [c for file in named for c in importlib.import_module(f"{__name__}.{file}").CLAIMS]


def about(file: str, experiments: Collection[str], theory: Collection[str] = ()) -> list[Claim]:
    """The claims of a file that need no other experiments and tables of theory than these."""
    return [
        claim
        for claim in claims(file)
        if set(claim.experiments) <= set(experiments) and set(claim.theory) <= set(theory)
    ]


def evaluate(tables: Tables, *of: str) -> pd.DataFrame:
    """One row a claim, of some files or all, whose experiments and theory are all in the tables.

    `value` rests on `runs` runs; replicate_low, _median, _high and replicates_hold (the share that
    holds) are the same measure on the k-th replicate of every condition, for each k.
    """
    present = set(tables.runs["experiment"])
    judged = [claim for file in of or files() for claim in about(file, present, tables.theory)]
    chosen = functools.lru_cache(maxsize=1)(tables.of)
    select = functools.lru_cache(maxsize=1)(partial(_selected, chosen))
    rows = [_row(claim, select(claim.experiments, *claim.where.items())) for claim in judged]
    return pd.DataFrame(rows, columns=COLUMNS)


COLUMNS = [
    *("claim", "figure", "source", "statement", "value", "low", "high", "holds", "runs"),
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
    value = _measured(claim, shown)
    spread = pd.Series([_measured(claim, one) for one in selection.replicates], dtype=float)
    old = claim.correction
    return {
        "claim": claim.claim,
        "figure": claim.figure,
        "source": claim.source,
        "statement": claim.statement,
        "value": value,
        "low": claim.low,
        "high": claim.high,
        "holds": claim.holds(value),
        "runs": len(shown.runs),
        "replicates": len(selection.replicates),
        "replicate_low": spread.min(),
        "replicate_median": spread.median(),
        "replicate_high": spread.max(),
        "replicates_hold": spread.map(claim.holds).astype(float).mean(),
        "old_low": old.low if old else float("nan"),
        "old_high": old.high if old else float("nan"),
        "correction": old.reason if old else "",
    }


def _measured(claim: Claim, tables: Tables) -> float:
    """The measure; NaN where the tables have no run that the claim is about, or one that diverged."""
    measured = (len(tables.runs) and not tables.diverged.any()) or not claim.experiments
    return _settled(float(claim.measure(tables))) if measured else float("nan")


def _settled(value: float) -> float:
    """To nine digits and twelve places: a library's sums have other last bits on another CPU."""
    return float(f"{round(value, 12):.9g}") if math.isfinite(value) else value
