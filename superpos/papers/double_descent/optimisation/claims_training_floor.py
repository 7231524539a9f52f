"""Claims from the correction of July 2023: the middle regime is a failure of optimisation (U1)."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from superpos import theory
from superpos.config.needs import requires
from superpos.papers.double_descent import measures
from superpos.papers.double_descent.measures import T
from superpos.papers.double_descent.optimisation.memorising_runs import MEMORISES, TRAINED_ON
from superpos.tables import Tables
from superpos.theory.crossing import crossing
from superpos.verdicts.accepted import at_least, at_most, between
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.statement import Statement

UPDATE = "Circuits Updates, July 2023"
TRAINED_ON_FIRST = 1000
"""The number of samples from whose weights the claims about larger sets go on."""
CROSS_AT = 500
"""The T (1 - S) from which on the generalising solution has the lower training loss."""
ORTHOGONAL_BELOW = 1000
"""The T below which training samples are orthogonal."""

LOWER = Statement(
    "U1.lower",
    "paper",
    "In the middle regime the memorising solution has the lower training loss, and a higher learning rate"
    " finds it.",
)
CROSS = Statement(
    "U1.cross",
    "paper",
    f"The generalising solution has the lower training loss only from about T(1 − S) = {CROSS_AT} on.",
)
CONTINUED = Statement(
    "U1.continued",
    "ours",
    f"Training that goes on from a model of {TRAINED_ON_FIRST:,} samples memorises larger sets too, with a"
    " lower training loss than that of any generalising run.",
)
CLUSTERS = Statement(
    "U1.clusters",
    "paper",
    "Between, memorised samples lie in clusters that share features.",
)
GROWTH = Statement(
    "U1.growth", "ours", "Memorised samples of larger sets lie in clusters the more clearly."
)
ORTHOGONAL = Statement(
    "U1.orthogonal",
    "paper",
    f"Below {ORTHOGONAL_BELOW:,} samples, training samples are orthogonal with high probability.",
)


@requires(metrics=("fifth_dimensionality",))
def _floors(t: Tables) -> pd.DataFrame:
    """For each T (row), the smallest training loss of generalising (False) and memorising (True) runs."""
    runs = t.runs.assign(memorises=measures.fifth(t) < MEMORISES)
    found = runs.pivot_table("training_loss", T, "memorises", "min")
    return found.reindex(columns=[False, True])


@requires(metrics=("fifth_dimensionality",))
def _lower(t: Tables) -> float:
    """At one T, the smallest training loss of a generalising run minus that of a memorising run."""
    generalising, memorising = _floors(t).to_numpy(float)[0]
    return float(generalising - memorising)


@requires(metrics=("fifth_dimensionality",))
def _gain_of_continuing(t: Tables) -> float:
    """At one T, the smallest training loss of any generalising run minus that of a memorising run that goes
    on from the weights of TRAINED_ON_FIRST samples."""
    loss, memorises = t.runs["training_loss"], measures.fifth(t) < MEMORISES
    goes_on = t.runs[TRAINED_ON] == TRAINED_ON_FIRST
    return float(loss[~memorises].min() - loss[memorises & goes_on].min())


@requires(metrics=("fifth_dimensionality",))
def _cross(t: Tables) -> float:
    """The T (1 - S) at which the two smallest training losses cross."""
    floors = _floors(t)
    lines = floors.index.to_numpy(float), *floors.to_numpy(float).T
    return crossing(*lines) * float(t.runs["density"].iloc[0])


@requires(metrics=("fifth_dimensionality", "neighbours_sharing"))
def _sharing(t: Tables, samples: int) -> float:
    """How much likelier neighbours on the ring are to share a feature than any two samples: a ratio.

    It is measured at one T, on the memorising run with the lowest training loss.
    """
    runs = t.runs[(t.runs[T] == samples) & (measures.fifth(t) < MEMORISES)]
    if runs.empty:
        return float("nan")
    best = runs.nsmallest(1, "training_loss").iloc[0]
    chance = theory.shared_chance(int(best["n_features"]), float(best["density"]))
    return float(best["neighbours_sharing"] / chance)


@requires(metrics=("fifth_dimensionality", "neighbours_sharing"))
def _growth(t: Tables, low: int, high: int) -> float:
    """`_sharing` at T = high divided by `_sharing` at T = low."""
    return _sharing(t, high) / _sharing(t, low)


def _degree(t: Tables, samples: int, n_features: int) -> float:
    """The mean number of samples that share a feature with a given sample."""
    rows = t.theory["overlaps"]
    own = rows[(rows["samples"] == samples) & (rows["n_features"] == n_features)]
    return float(own["degree"].iloc[0])


def _claims() -> Iterator[Claim]:
    for samples in (1000, 2000):
        yield make_claim(
            "U1.lower.T{data_training_samples}",
            "At T = {data_training_samples}, the smallest training loss of a generalising run at any"
            " learning rate, minus that of a memorising run, is {range}.",
            at_least(0.003),
            _lower,
            of=LOWER,
            where={T: samples},
            over="all",
            source=f"{UPDATE}; 0.003 is our tolerance",
        )
    for samples in (2000, 5000, 10000):
        yield make_claim(
            "U1.continued.T{data_training_samples}",
            "At T = {data_training_samples}, the smallest training loss of any generalising run, minus that"
            " of a memorising run that goes on, for as many steps, from a model of {first} samples, is"
            " {range}.",
            at_least(0.003),
            _gain_of_continuing,
            of=CONTINUED,
            experiments=("U1", "U1_continued"),
            where={T: samples},
            over="all",
            source="ours; 0.003 is the tolerance of U1.lower",
            first=TRAINED_ON_FIRST,
        )
    yield make_claim(
        "U1.cross",
        "The smallest training losses of generalising and memorising runs cross at a T(1 - S) {range}.",
        between(CROSS_AT // 2, 2 * CROSS_AT),
        _cross,
        of=CROSS,
        experiments=("U1_floor",),
        over="all",
        source=f"{UPDATE}: near 500,000 samples; a factor of two is our tolerance",
    )
    clusters = partial(
        make_claim,
        of=CLUSTERS,
        figure="U1_clusters",
        experiments=("U1",),
        over="all",
        source=f"{UPDATE}: clusters and triangles from 1,000 to 500,000 samples",
    )
    yield clusters(
        "U1.clusters.T{samples}",
        "At T = {samples}, neighbours on the ring of the best memorising run share a feature {range} times"
        " as often as any two samples.",
        at_least(1),
        partial(_sharing, samples=1000),
    )
    yield clusters(
        "U1.clusters.growth",
        "From T = {low} to {high}, this ratio grows by a factor {range}.",
        at_least(1),
        partial(_growth, low=1000, high=5000),
        of=GROWTH,
    )
    yield make_claim(
        "U1.orthogonal",
        "Among {samples} samples of {n_features} features, one sample shares a feature with {range} others"
        " on average.",
        at_most(0.5),
        partial(_degree, samples=ORTHOGONAL_BELOW, n_features=10_000),
        of=ORTHOGONAL,
        experiments=(),
        theory=("overlaps",),
        source=f"{UPDATE}: its words; 0.5 stands for “with high probability”",
    )


CLAIMS = tuple(_claims())
