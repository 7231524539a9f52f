"""Claims of the collapse of correlated pairs to their principal components (F12)."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.papers.toy_models.correlated import set_measures as measures
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, exactly, rounded
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.measures import EXTREMES, column

SECTION = 'section "Correlated and Anticorrelated Features", collapse of correlated features'
OPTIMUM = "the best of all runs, as a prototype's best of 12; the paper's own ranges are apart"
SETS = 3
SPARSE = 0.2
"""The largest density at which the shapes of collapsed pairs are measured."""
EDGE = 1e-9


def _count(t: Tables) -> float:
    """How many sets are collapsed."""
    return measures.of_run(t, measures.count_collapsed)


def _rises(t: Tables) -> float:
    """How often the count of the best run rises as density falls."""
    counts = [_count(part) for part in t.by_density]
    return float((np.diff(counts) > 0).sum())


def _misses(t: Tables, low: float, high: float, count: int) -> float:
    """At how many densities between low and high the best run has another count."""
    parts = [part for part in t.by_density if low <= part.runs["density"].iloc[0] <= high]
    return float(sum(_count(part) != count for part in parts)) if parts else float("nan")


def _usual(t: Tables) -> float:
    """The most common count among single runs."""
    return float(Counter(measures.each(t, measures.count_collapsed)).most_common(1)[0][0])


def _margin(t: Tables, fewer: int) -> float:
    """The smallest exact loss with `fewer` collapsed sets over the smallest with one more."""
    losses: dict[int, list[float]] = {fewer: [], fewer + 1: []}
    for replicate in t.runs.sort_values("loss")["replicate"]:
        run = t.replicate(replicate)
        count = int(_count(run))
        if count in losses and len(losses[count]) < 2:
            losses[count].append(_exact(run))
    found = all(losses.values())
    return min(losses[fewer]) / min(losses[fewer + 1]) if found else float("nan")


def _exact(run: Tables) -> float:
    p, n_sets = float(run.runs["density"].iloc[0]), int(run.runs["data_sets"].iloc[0])
    W, b = column(run, "W"), column(run, "bias")
    return theory.sets_loss(W, b, column(run, "importance"), p, n_sets)


def _collapsed_norms(t: Tables, extreme: str) -> float:
    """The smallest or largest norm of collapsed members at densities up to SPARSE."""
    norms = [n for W, n_sets in _sparse(t) for n in np.linalg.norm(_members(W, n_sets), axis=1)]
    return float(getattr(np.array(norms), extreme)()) if norms else float("nan")


def _collapsed_cosine(t: Tables) -> float:
    """The smallest cosine between collapsed members at densities up to SPARSE."""
    pairs = [
        sets.cosines(pair)[0, 1]
        for W, n_sets in _sparse(t)
        for pair in sets.members(W, n_sets)[sets.collapsed(W, n_sets)]
    ]
    return float(min(pairs)) if pairs else float("nan")


def _sparse(t: Tables) -> Iterator[tuple[np.ndarray, int]]:
    """W [feature, hidden] and the number of sets at each density up to SPARSE."""
    for part in t.by_density:
        if part.runs["density"].iloc[0] <= SPARSE + EDGE:
            yield column(part, "W"), int(part.runs["data_sets"].iloc[0])


def _members(W: np.ndarray, n_sets: int) -> np.ndarray:
    """The features of the collapsed sets, [feature, hidden]."""
    members = sets.members(W, n_sets)[sets.collapsed(W, n_sets)]
    return np.asarray(members.reshape(-1, W.shape[1]))


def _optimum() -> Iterator[Claim]:
    for p, count in ((0.5, 3), (0.35, 2), (0.25, 2), (0.2, 2), (0.1, 1), (0.02, 0)):
        yield make_claim(
            "F12.collapsed.p{density}",
            "At density {density}, the best run collapses {range.low} of the {sets} sets.",
            exactly(count),
            _count,
            source=OPTIMUM,
            where={"density": p},
            sets=SETS,
        )
    yield make_claim(
        "F12.monotone",
        "As density falls, the number of collapsed sets rises at {range} step.",
        exactly(0),
        _rises,
        source=f'{SECTION}: "more PCA-like, more superposition"',
    )
    for p in (0.35, 0.25):
        yield make_claim(
            "F12.margin.p{density}",
            "At density {density}, runs with {fewer} collapsed sets lose less than runs with one more:"
            " the ratio of the best runs' exact losses is {range}.",
            at_most(1),
            partial(_margin, fewer=2),
            source="theory: the exact expected loss of the trained weights; the paper's text says"
            " three",
            where={"density": p},
            over="all",
        )


def _of_the_text() -> Iterator[Claim]:
    """What the paper's text says of five ranges; 0.2 to 0.25 is in none, their ends are in two."""
    for name, count, low, high, shown in (
        ("pca", 3, 0.5, 1.0, "{low} and above"),
        ("three", 3, 0.25, 0.5 - EDGE, "{low} to {high}"),
        ("two", 2, 0.15 + EDGE, 0.2, "{low} to {high}"),
        ("one", 1, 0.05 + EDGE, 0.15 - EDGE, "{low} to {high}"),
        ("none", 0, 0.0, 0.05, "{high} and below"),
    ):
        yield make_claim(
            f"F12.text.{name}",
            f"At densities of {shown}, "
            "the best run collapses {count} of the {sets} sets: {range} density is an exception.",
            exactly(0),
            partial(_misses, low=low, high=high, count=count),
            source=f"{SECTION}: the text's range",
            sets=SETS,
        )


def _typical() -> Iterator[Claim]:
    for p, count in ((0.35, 3), (0.25, 2), (0.2, 2), (0.175, 2)):
        yield make_claim(
            "F12.typical.p{density}",
            "At density {density}, the most common number of collapsed sets in a single run is {range.low}.",
            exactly(count),
            _usual,
            source="a prototype's 12 runs",
            where={"density": p},
            over="all",
        )


def _shapes() -> Iterator[Claim]:
    for extreme, which in EXTREMES.items():
        yield make_claim(
            "F12.norm.{extreme}",
            "Up to density {sparse}, the {which} norm of a collapsed member is {range}.",
            rounded(0.71, 0.73, 2),
            partial(_collapsed_norms, extreme=extreme),
            source="theory: a unit principal component shared by two, 1 / sqrt 2; a prototype",
            sparse=SPARSE,
            which=which,
        )
    yield make_claim(
        "F12.cosine",
        "Up to density {sparse}, the members of a collapsed set are one direction: their cosine is"
        " {range}.",
        at_least(0.99, high=1 + EDGE),
        _collapsed_cosine,
        source=f"{SECTION}: pairs collapse to their principal component",
        sparse=SPARSE,
    )
    for extreme, measure in (("min", measures.smallest_norm), ("max", measures.largest_norm)):
        yield make_claim(
            f"F12.pca.norm.{extreme}.p{{density}}",
            "At density {density}, the {which} norm is {range}, near √(2/3) / √2 = 0.577.",
            rounded(0.57, 0.62, 2),
            partial(measures.of_run, measure=measure),
            source="theory: three principal components share two dimensions; a prototype's norms",
            where={"density": 0.75},
            which=EXTREMES[extreme],
        )


CLAIMS = (*_optimum(), *_of_the_text(), *_typical(), *_shapes())
