"""Claims of the collapse of correlated pairs to their principal components (F12)."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.papers.toy_models.correlated import set_measures as measures
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.claim import Claim
from superpos.verdicts.measures import column

SECTION = 'section "Correlated and Anticorrelated Features", collapse of correlated features'
OPTIMUM = "the best of all runs, as a prototype's best of 12; the paper's own ranges are apart"
EDGE = 1e-9


def _claim(name: str, density: float | None = None, **fields: object) -> Claim:
    suffix = "" if density is None else f".p{density:g}"
    where = {} if density is None else {"density": density}
    shared = {"figure": "F12", "experiments": ("F12",), "where": where}
    return Claim(claim=f"F12.{name}{suffix}", **(shared | fields))  # type: ignore[arg-type]


def _count(t: Tables) -> float:
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
    """The commonest count of single runs."""
    return float(Counter(measures.each(t, measures.count_collapsed)).most_common(1)[0][0])


def _margin(t: Tables, fewer: int) -> float:
    """The least exact loss with `fewer` collapsed sets over the least with one more."""
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


def _collapsed_norms(t: Tables, least: bool) -> float:
    """The least or greatest norm of collapsed members at densities up to .2."""
    norms = [n for W, n_sets in _sparse(t) for n in np.linalg.norm(_members(W, n_sets), axis=1)]
    return float(min(norms) if least else max(norms)) if norms else float("nan")


def _collapsed_cosine(t: Tables) -> float:
    """The least cos between collapsed members at densities up to .2."""
    pairs = [
        sets.cosines(pair)[0, 1]
        for W, n_sets in _sparse(t)
        for pair in sets.members(W, n_sets)[sets.collapsed(W, n_sets)]
    ]
    return float(min(pairs)) if pairs else float("nan")


def _sparse(t: Tables) -> Iterator[tuple[np.ndarray, int]]:
    for part in t.by_density:
        if part.runs["density"].iloc[0] <= 0.2 + EDGE:
            yield column(part, "W"), int(part.runs["data_sets"].iloc[0])


def _members(W: np.ndarray, n_sets: int) -> np.ndarray:
    """The features of the collapsed sets, [feature, hidden]."""
    return sets.members(W, n_sets)[sets.collapsed(W, n_sets)].reshape(-1, W.shape[1])


def _optimum() -> Iterator[Claim]:
    for p, count in ((0.5, 3), (0.35, 2), (0.25, 2), (0.2, 2), (0.1, 1), (0.02, 0)):
        yield _claim(
            "collapsed",
            p,
            statement=f"At density {p:g}, {count} of 3 sets are collapsed in the best run.",
            source=OPTIMUM,
            measure=_count,
            low=count,
            high=count,
        )
    yield _claim(
        "monotone",
        statement="No more sets are collapsed as density falls.",
        source=f'{SECTION}: "more PCA-like, more superposition"',
        measure=_rises,
        low=0,
        high=0,
    )
    for p in (0.35, 0.25):
        yield _claim(
            "margin",
            p,
            statement=f"At density {p:g}, two collapsed sets lose less than three: the ratio of the"
            " best runs' exact losses is below 1.",
            source="theory: the exact expected loss of the trained weights; the paper's text says"
            " three",
            measure=partial(_margin, fewer=2),
            low=0,
            high=1,
            over="all",
        )


def _text() -> Iterator[Claim]:
    """What the paper's text says of five ranges; .2 to .25 is in none, their ends are in two."""
    for name, count, low, high, words in (
        ("pca", 3, 0.5, 1.0, "of .5 and above, the solution is most like PCA: all three"),
        ("three", 3, 0.25, 0.5 - EDGE, "of .25 to .5, all three"),
        ("two", 2, 0.15 + EDGE, 0.2, "of .15 to .2, two"),
        ("one", 1, 0.05 + EDGE, 0.15 - EDGE, "of .05 to .15, one"),
        ("none", 0, 0.0, 0.05, "of .05 and below, none"),
    ):
        yield _claim(
            f"text.{name}",
            statement=f"At densities {words} of the sets are collapsed: no density of the range is"
            " an exception.",
            source=f"{SECTION}: the text's range",
            measure=partial(_misses, low=low, high=high, count=count),
            low=0,
            high=0,
        )


def _typical() -> Iterator[Claim]:
    for p, count in ((0.35, 3), (0.25, 2), (0.2, 2), (0.175, 2)):
        yield _claim(
            "typical",
            p,
            statement=f"At density {p:g}, the commonest count of collapsed sets in a single run is"
            f" {count}.",
            source="a prototype's 12 runs",
            measure=_usual,
            low=count,
            high=count,
            over="all",
        )


def _shapes() -> Iterator[Claim]:
    for name, least in (("min", True), ("max", False)):
        yield _claim(
            f"norm.{name}",
            statement="Up to density .2, collapsed members have norms of .71 to .73, to two"
            f" decimals: {name}.",
            source="theory: a unit principal component shared by two, 1 / sqrt 2; a prototype",
            measure=partial(_collapsed_norms, least=least),
            low=0.705,
            high=0.735,
        )
    yield _claim(
        "cosine",
        statement="Up to density .2, collapsed members are one direction, cos above .99.",
        source=f"{SECTION}: pairs collapse to their principal component",
        measure=_collapsed_cosine,
        low=0.99,
        high=1 + EDGE,
    )
    for name, measure in (("min", measures.least_norm), ("max", measures.greatest_norm)):
        yield _claim(
            f"pca.norm.{name}",
            0.75,
            statement="At density .75, norms are .57 to .62, to two decimals, near"
            f" sqrt(2/3) / sqrt 2 = .577: {name}.",
            source="theory: three principal components share two dimensions; a prototype's norms",
            measure=partial(measures.of_run, measure=measure),
            low=0.565,
            high=0.625,
        )


CLAIMS = (*_optimum(), *_text(), *_typical(), *_shapes())
