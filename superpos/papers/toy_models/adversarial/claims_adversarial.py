"""Claims of adversarial robustness: the worst small attack on each input (F15)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, exactly, near
from superpos.verdicts.claim import Claim, make_claim

SECTION = 'section "Superposition and Adversarial Robustness"'
FIGURE = f"{SECTION}: read off the figure"
PLATEAU = (2.0, 3.3)
"""The 1 / (1 - S) between which the figure's vulnerability is flat."""


def _curve(t: Tables) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """1 / (1 - S) in ascending order, and each condition's vulnerability and features per dimension."""
    rows = [part.runs.iloc[0] for part in t.by_density]
    columns = ("density", "vulnerability", "features_per_dimension")
    density, attacked, packed = (np.array([float(r[c]) for r in rows]) for c in columns)
    return 1 / density, attacked, packed


@requires(metrics=("vulnerability", "features_per_dimension"))
def _vulnerability(t: Tables, x: float) -> float:
    """The vulnerability at 1 / (1 - S) = x, between the conditions beside it on a log axis."""
    where, attacked, _ = _curve(t)
    return float(np.interp(np.log(x), np.log(where), attacked, left=np.nan, right=np.nan))


def _plateau(t: Tables) -> np.ndarray:
    where, attacked, _ = _curve(t)
    return attacked[(where >= PLATEAU[0] - 1e-6) & (where <= PLATEAU[1] + 1e-6)]


@requires(metrics=("vulnerability", "features_per_dimension"))
def _highest(t: Tables) -> float:
    return float(_plateau(t).max(initial=-np.inf))


@requires(metrics=("vulnerability", "features_per_dimension"))
def _off_flat(t: Tables) -> float:
    """The largest departure from the middle of the plateau's values, divided by that middle."""
    values = _plateau(t)
    return float(np.ptp(values) / (values.max() + values.min())) if len(values) else float("nan")


@requires(metrics=("vulnerability", "features_per_dimension"))
def _backward(t: Tables, start: float) -> float:
    """How many conditions after 1 / (1 - S) = start are no more vulnerable than the one before."""
    where, attacked, _ = _curve(t)
    return float((np.diff(attacked[where >= start - 1e-6]) <= 0).sum())


@requires(metrics=("vulnerability", "features_per_dimension"))
def _rank_correlation(t: Tables) -> float:
    """Spearman's correlation between vulnerability and features per dimension."""
    _, attacked, packed = _curve(t)
    if len(attacked) < 2:
        return float("nan")
    return float(np.corrcoef(_ranks(attacked), _ranks(packed))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks; equal values share the mean of their ranks."""
    _, first, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count + 1) / 2)[first]


def _claims() -> Iterator[Claim]:
    claim = partial(make_claim, source=FIGURE)
    yield claim(
        "F15.dense",
        "Without sparsity, a model is as vulnerable as one without superposition: the ratio is {range}.",
        near(1, 0.1),
        partial(_vulnerability, x=1.0),
    )
    plateau = partial(claim, start=PLATEAU[0], end=PLATEAU[1])
    yield plateau(
        "F15.plateau",
        "Somewhere between 1/(1 - S) = {start} and {end}, a model is {range} times as vulnerable as one"
        " without superposition.",
        at_least(3),
        _highest,
        source=f"{FIGURE}: 3.2 to 3.3; a prototype's exact antipodal pairs, for n up to 100",
    )
    yield plateau(
        "F15.flat",
        "Between 1/(1 - S) = {start} and {end}, vulnerability is flat: it departs from its middle by"
        " {range:%}.",
        at_most(0.1),
        _off_flat,
    )
    yield claim(
        "F15.rise",
        "From 1/(1 - S) = {start} on, vulnerability rises from each condition to the next: {range}"
        " step goes the other way.",
        exactly(0),
        partial(_backward, start=3.6),
    )
    yield claim(
        "F15.sparse",
        "At 1/(1 - S) = {x}, a model is {range} times as vulnerable as one without superposition.",
        at_least(7),
        partial(_vulnerability, x=10.0),
        source=f"{FIGURE}: 8.3",
    )
    yield claim(
        "F15.rank",
        "The rank correlation between vulnerability and features per dimension is {range}.",
        at_least(0.97, high=1),
        _rank_correlation,
        source=f"{SECTION}: the scatter plot",
    )


CLAIMS = tuple(_claims())
