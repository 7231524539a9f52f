"""Claims about memorising: a few samples form a regular polygon (M2, O2)."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd

from superpos import theory
from superpos.config.condition_table import RUN
from superpos.config.needs import requires
from superpos.papers.double_descent import measures
from superpos.papers.double_descent.measures import T
from superpos.papers.double_descent.polygons import rings
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, between, less_than, near, positive
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import AS_STATED, Correction
from superpos.verdicts.measures import EXTREMES
from superpos.verdicts.statement import Statement

FIGURE = "the figure of features and training vectors for T = 3 to 30"
DERIVED = "theory: samples that share no feature are orthonormal"
TOLERANCE = "our tolerance"
REGULAR = (5, 6)
"""The T whose samples form a regular polygon in the paper's figure and in nearly all runs of ours."""
UNCERTAIN = (8, 10)
"""The T at which the paper's figure has one failure and one regular polygon."""
FAILURES_AT = " and ".join(map(str, UNCERTAIN))
DISJOINT_AT = (5, 10, 15)
"""The T at which training sets without a shared feature are counted."""

EXACT = Statement(
    "M2.exact",
    "theory",
    "If no two samples share a feature, a regular T-gon of hidden vectors has a training loss of exactly"
    " zero, for any T. Shrinking it by a factor s costs 2(1 − s²)², whatever T is.",
)
LEAST = Statement(
    "M2.least",
    "theory",
    "Of all arrangements with zero training loss, the regular T-gon has the smallest ‖W‖_F.",
)
OVERLAP = Statement(
    "M2.overlap",
    "theory",
    f"Two samples share a feature with probability 1 − (1 − p²)ⁿ, so that at T = {DISJOINT_AT[0]} most"
    f" training sets have no shared feature, and at T = {DISJOINT_AT[-1]} most have one.",
)
POLYGON = Statement(
    "M2.polygon",
    "paper",
    f"The hidden vectors of {REGULAR[0]} or {REGULAR[1]} training samples form a regular polygon.",
)
MEMORISED = Statement(
    "M2.memorised",
    "paper",
    f"Models of {REGULAR[0]} or {REGULAR[1]} training samples memorise them and generalise nothing.",
)
MESSY = Statement(
    "M2.messy",
    "paper",
    "While the samples form a polygon, the columns of W look like noise: no feature has a large"
    " dimensionality.",
)
SIZE = Statement(
    "M2.W", "theory", "‖W‖_F is close to that of the smallest regular polygon with zero loss."
)
TRIANGLE = Statement(
    "M2.three",
    "theory",
    "At T = 3 zero loss does not ask for a regular triangle, and the sample dimensionalities sum to 2.",
)
FAILURES = Statement(
    "M2.failures",
    "paper",
    f"At T = {FAILURES_AT} some runs fail to find the regular polygon, and others find it.",
)
CIRCLES = Statement(
    "O2.gap",
    "theory",
    "Zero loss also allows samples on two circles. Those on the inner circle then need a larger gap to"
    " their neighbours on the outer one, at least arccos((p² − 1)/(pR)) for radii p and R.",
)


def _row(t: Tables, table: str, **values: float) -> pd.Series:
    """The row of a table of theory with these values."""
    rows = t.theory[table]
    for column, value in values.items():
        rows = rows[rows[column] == value]
    return rows.iloc[0]


def _of_polygon(t: Tables, samples: int, column: str) -> float:
    return float(_row(t, "polygon_memory", samples=samples)[column])


def _extreme_least(t: Tables, extreme: str) -> float:
    """The minimised ‖W‖_F divided by the regular polygon's: the smallest or largest ratio over all T."""
    return float(getattr(t.theory["polygon_memory"]["least_norm"].dropna(), extreme)())


def _disjoint(t: Tables, samples: int) -> float:
    """The fraction of simulated training sets without a shared feature, divided by the formula's value."""
    row = _row(t, "overlaps", samples=samples, n_features=10_000)
    return float(row["simulated"] / row["disjoint"])


@requires(metrics=("sample_angle",))
def _gap(t: Tables, extreme: str) -> float:
    """The smallest or largest gap between neighbours, divided by 360 degrees / T."""
    gaps = rings.gaps(t.samples)
    return float(getattr(gaps, extreme)() * len(gaps) / 360)


@requires(metrics=("sample_norm",))
def _roundness(t: Tables) -> float:
    """The smallest ‖h‖ divided by the largest."""
    return rings.roundness(t.samples)


@requires(metrics=("frobenius",))
def _norm_ratio(t: Tables) -> float:
    """‖W‖_F divided by that of the smallest regular polygon with zero loss."""
    samples = float(t.runs[T].iloc[0])
    least = np.sqrt(samples) * theory.polygon_radius(int(samples))
    return float(measures.norm_W(t)[0] / least)


@requires(metrics=("sample_dimensionality",))
def _sum(t: Tables) -> float:
    """The sum of the sample dimensionalities."""
    return float(t.samples["sample_dimensionality"].sum())


@requires(metrics=("sample_norm",))
def _failed(t: Tables, sizes: tuple[int, ...]) -> float:
    """The share of the runs at these T whose samples are not on one circle."""
    rows = t.samples[t.samples[T].isin(sizes)]
    return float(_of_runs(rows, rings.roundness).lt(rings.TWO_RADII).mean())


@requires(metrics=("sample_angle", "sample_norm"))
def _across(t: Tables, loss: float) -> float:
    """The smallest gap between the two circles, divided by the formula's value.

    It is taken over the runs that have two radii and a training loss below `loss`.
    """
    memorised = t.chosen(measures.training_loss(t) < loss).samples
    two = _of_runs(memorised, rings.roundness) < rings.TWO_RADII
    return float(_of_runs(memorised, rings.across)[two].min())


def _of_runs(rows: pd.DataFrame, measure: Callable[[pd.DataFrame], float]) -> pd.Series:
    """The measure of each run, by the run's name."""
    parts = {name: measure(part) for name, part in rows.groupby(RUN, observed=True)}
    return pd.Series(parts, dtype=float)


def _exact() -> Iterator[Claim]:
    claim = partial(
        make_claim, experiments=(), theory=("polygon_memory",), source=f"{DERIVED}; the T-gon"
    )
    for samples in (3, 4, 5, 6, 8, 10, 15, 30, 50, 100):
        yield claim(
            "M2.exact.T{samples}",
            "The training loss of the regular polygon of {samples} samples is {range}.",
            at_most(1e-9),
            partial(_of_polygon, samples=samples, column="loss"),
            of=EXACT,
        )
    yield claim(
        "M2.margin",
        "At 0.99 of the radius, the loss of the regular polygon of {samples} samples over 2(1 - s²)² is"
        " {range}.",
        near(1, 1e-6),
        partial(_of_polygon, samples=10, column="scaled_ratio"),
        of=EXACT,
    )
    for extreme, which in EXTREMES.items():
        yield claim(
            "M2.least.{extreme}",
            "From T = 3 to 10, the {which} ratio of the minimised ‖W‖_F to the regular polygon's is"
            " {range}.",
            near(1, 1e-4),
            partial(_extreme_least, extreme=extreme),
            of=LEAST,
            source="theory; minimised from random starts under the conditions for zero loss",
            which=which,
        )
    for samples in DISJOINT_AT:
        yield claim(
            "M2.overlap.T{samples}",
            "Of 10,000 training sets of {samples} samples, the share without a shared feature, over the"
            " formula, is {range}.",
            near(1, 0.05),
            partial(_disjoint, samples=samples),
            of=OVERLAP,
            figure="M2_overlaps",
            theory=("overlaps",),
            source=f"theory; {TOLERANCE}",
        )


def _polygons() -> Iterator[Claim]:
    for samples in REGULAR:
        claim = partial(make_claim, where={T: samples})
        yield claim(
            "M2.loss.T{data_training_samples}",
            "With {data_training_samples} samples, the training loss is {range}.",
            at_most(0.001),
            partial(measures.typical, of=measures.training_loss),
            of=MEMORISED,
            source=f"{DERIVED}; 0.001 is {TOLERANCE}",
        )
        yield claim(
            "M2.test.T{data_training_samples}",
            "With {data_training_samples} samples, the test loss is {range}.",
            between(0.998, 1.002),
            partial(measures.typical, of=measures.loss),
            of=MEMORISED,
            source=f"{FIGURE}: 1.000 in the curve of the test loss; 0.002 is {TOLERANCE}",
        )
        for extreme, which in EXTREMES.items():
            yield claim(
                "M2.gaps.T{data_training_samples}.{extreme}",
                "With {data_training_samples} samples, the {which} angle between neighbours, over"
                " 360°/T, is {range}.",
                between(0.9, 1.1),
                partial(_gap, extreme=extreme),
                of=POLYGON,
                source=f"{FIGURE}; 10% is {TOLERANCE}",
                which=which,
            )
        yield claim(
            "M2.radii.T{data_training_samples}",
            "With {data_training_samples} samples, the smallest ‖h‖ over the largest is {range}.",
            at_least(0.9, high=1),
            _roundness,
            of=POLYGON,
            source=f"{FIGURE}; 10% is {TOLERANCE}",
        )
        yield claim(
            "M2.W.T{data_training_samples}",
            "With {data_training_samples} samples, ‖W‖_F over that of the smallest polygon with zero loss"
            " is {range}.",
            between(0.98, 1.15),
            _norm_ratio,
            of=SIZE,
            source=f"{DERIVED}; 15% is {TOLERANCE}",
        )
        yield claim(
            "M2.messy.T{data_training_samples}",
            "With {data_training_samples} samples, the largest dimensionality of a feature is {range}.",
            at_most(0.18),
            partial(measures.typical, of=measures.largest_feature),
            of=MESSY,
            source=f"{FIGURE}: 0.09; a factor of two is {TOLERANCE}",
            corrections=(Correction(0, 0.2, AS_STATED),),
        )


def _others() -> Iterator[Claim]:
    three = partial(make_claim, where={T: 3}, of=TRIANGLE, source=DERIVED)
    yield three(
        "M2.three.sum",
        "With {data_training_samples} samples, the sample dimensionalities sum to {range}.",
        between(1.98, 2.0),
        _sum,
    )
    yield three(
        "M2.three.loss",
        "With {data_training_samples} samples, the training loss is {range}.",
        at_most(0.001),
        partial(measures.typical, of=measures.training_loss),
    )
    for name, accepted in (("some", positive()), ("not.all", less_than(1))):
        yield make_claim(
            "M2.failures.{name}",
            f"Of the single runs at T = {FAILURES_AT}, the share whose smallest ‖h‖ is below"
            f" {rings.TWO_RADII} of the largest is {{range}}.",
            accepted,
            partial(_failed, sizes=UNCERTAIN),
            of=FAILURES,
            over="all",
            source=f"{FIGURE}: T = 8 fails, T = 10 does not",
            name=name,
        )
    yield make_claim(
        "O2.gap",
        "In the runs with two radii and a training loss below {loss}, the smallest gap between neighbours"
        " on different circles, over arccos((p² - 1)/(pR)), is {range}.",
        at_least(0.98),
        partial(_across, loss=0.001),
        of=CIRCLES,
        experiments=("M2",),
        over="all",
        source=f"{DERIVED}; C. Olah's comment saw two circles; 2% is {TOLERANCE}",
    )


CLAIMS = (*_exact(), *_polygons(), *_others())
