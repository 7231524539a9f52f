"""Claims of adversarial robustness: the worst small attack on each input (F15)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.verdicts.claim import Claim

SECTION = 'section "Superposition and Adversarial Robustness"'
FIGURE = f"{SECTION}: read off the figure"


def _curve(t: Tables) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """1 / (1 - S), ascending, vulnerability and features per dimension of each condition's run."""
    rows = [part.runs.iloc[0] for part in t.by_density]
    columns = ("density", "vulnerability", "features_per_dimension")
    density, attacked, packed = (np.array([float(r[c]) for r in rows]) for c in columns)
    return 1 / density, attacked, packed


@requires(metrics=("vulnerability", "features_per_dimension"))
def _at(t: Tables, x: float) -> float:
    where, attacked, _ = _curve(t)
    return float(np.interp(np.log(x), np.log(where), attacked, left=np.nan, right=np.nan))


def _plateau(t: Tables) -> np.ndarray:
    where, attacked, _ = _curve(t)
    return attacked[(where >= 2 - 1e-6) & (where <= 3.3 + 1e-6)]


@requires(metrics=("vulnerability", "features_per_dimension"))
def _highest(t: Tables) -> float:
    return float(_plateau(t).max(initial=-np.inf))


@requires(metrics=("vulnerability", "features_per_dimension"))
def _off_flat(t: Tables) -> float:
    """(max - min) / (max + min) over the plateau: the departure from its middle."""
    values = _plateau(t)
    return float(np.ptp(values) / (values.max() + values.min())) if len(values) else float("nan")


@requires(metrics=("vulnerability", "features_per_dimension"))
def _backward(t: Tables) -> float:
    """How many conditions from 1 / (1 - S) = 3.6 on are no more vulnerable than the one before."""
    where, attacked, _ = _curve(t)
    return float((np.diff(attacked[where >= 3.6 - 1e-6]) <= 0).sum())


@requires(metrics=("vulnerability", "features_per_dimension"))
def _rank_correlation(t: Tables) -> float:
    """Spearman's, between vulnerability and features per dimension."""
    _, attacked, packed = _curve(t)
    if len(attacked) < 2:
        return float("nan")
    return float(np.corrcoef(_ranks(attacked), _ranks(packed))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks, equal values sharing the mean of theirs."""
    _, first, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count + 1) / 2)[first]


def _all() -> Iterator[Claim]:
    claim = partial(Claim, figure="F15", experiments=("F15",), source=FIGURE)
    yield claim(
        "F15.dense",
        statement="Without sparsity, a model is as vulnerable as one without superposition: 1, within"
        " .1.",
        measure=partial(_at, x=1.0),
        low=0.9,
        high=1.1,
    )
    yield claim(
        "F15.plateau",
        statement="From 1/(1 - S) = 2 to 3.3, a model is more than 3 times as vulnerable somewhere.",
        source=f"{FIGURE}: 3.2 to 3.3; a prototype's exact antipodal pairs, for n up to 100",
        measure=_highest,
        low=3,
        high=np.inf,
    )
    yield claim(
        "F15.flat",
        statement="From 1/(1 - S) = 2 to 3.3, vulnerability is flat, within 10 % of its middle.",
        measure=_off_flat,
        low=0,
        high=0.1,
    )
    yield claim(
        "F15.rise",
        statement="From 1/(1 - S) = 3.6 on, vulnerability rises from each condition to the next.",
        measure=_backward,
        low=0,
        high=0,
    )
    yield claim(
        "F15.sparse",
        statement="At 1/(1 - S) = 10, a model is at least 7 times as vulnerable.",
        source=f"{FIGURE}: 8.3",
        measure=partial(_at, x=10.0),
        low=7,
        high=np.inf,
    )
    yield claim(
        "F15.rank",
        statement="Vulnerability and features per dimension have a rank correlation of .97 or more.",
        source=f"{SECTION}: the scatter plot",
        measure=_rank_correlation,
        low=0.97,
        high=1,
    )


CLAIMS = tuple(_all())
