"""Claims of correlated and anticorrelated sets in two dimensions (F10)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.papers.toy_models.correlated import set_measures as measures
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.accepted import (
    Range,
    at_least,
    at_most,
    between,
    exactly,
    near,
    rounded,
    share,
)
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.measures import EXTREMES, REPRESENTED, represented

SECTION = 'section "Correlated and Anticorrelated Features", solutions in two dimensions'
PROTOTYPE = "a prototype's best of 12 runs"
OF_TWELVE = "a prototype's count of 12 runs, within two standard errors of such a count"
PAIRS = {"data": "correlated", "n_features": 4}
ANTI = {"data": "anticorrelated"}
TRIPLES = {"data": "correlated", "n_features": 6}
INDEPENDENT = {"data": "independent"}
SPARSE = (0.01, 0.02, 0.05, 0.1)
ANTI_DENSITIES = (0.01, 0.02, 0.05, 0.1, 0.2)
TRIPLE_DENSITIES = (0.01, 0.02, 0.05)
ORTHOGONAL, ANTIPODAL = 0.05, -0.99
"""The |cosine| below which features count as orthogonal, and the cosine below which as antipodal."""
TOLD_APART = 8
"""How many degrees apart two directions are told apart."""


def _of_run(measure: measures.OfRun) -> partial[float]:
    """The measure of the only run."""
    return partial(measures.of_run, measure=measure)


def _loss_to_pairs(t: Tables) -> float:
    """The held-out loss over that of antipodal pairs across the sets, 2 p^2 / 3."""
    p = float(t.runs["density"].iloc[0])
    return float(t.runs["loss"].iloc[0]) / float(theory.two_sets_in_two(p)["correlated_across"])


def _loss(t: Tables) -> float:
    """The held-out loss of the only run."""
    return float(t.runs["loss"].iloc[0])


def _kept_apart(t: Tables) -> float:
    """The share of runs at the densities of SPARSE whose sets have orthogonal members."""
    sparse = t.runs["density"].isin(SPARSE)
    chosen = Tables(t.runs[sparse], t.features[t.features["density"].isin(SPARSE)])
    return measures.share(chosen, lambda W, n: measures.largest_overlap_within(W, n) < ORTHOGONAL)


def _antipodal_inside(W: np.ndarray, n_sets: int) -> bool:
    return measures.largest_cosine_within(W, n_sets) < ANTIPODAL


def _missed_loss(t: Tables) -> float:
    """The median loss, over p^2 / 6, of the runs that end without antipodes inside the sets."""
    inside = measures.each(t, _antipodal_inside)
    runs = t.runs.sort_values(["condition", "replicate"])
    missed = runs[~np.array(inside, bool)]
    across = theory.two_sets_in_two(missed["density"].to_numpy(float))["anticorrelated_across"]
    return float((missed["loss"] / across).median())


def _distinct(W: np.ndarray, n_sets: int) -> int:
    """How many directions are told apart: features that have no earlier one within TOLD_APART degrees."""
    near = np.triu(sets.cosines(W) > np.cos(np.radians(TOLD_APART)), 1)
    return int((~near.any(0)).sum())


def _any_collapsed(W: np.ndarray, n_sets: int) -> bool:
    return measures.count_collapsed(W, n_sets) > 0


NORMS = {"min": measures.smallest_norm, "max": measures.largest_norm}
COSINES = {"min": measures.smallest_cosine_within, "max": measures.largest_cosine_within}


def _of_twelve(count: int) -> Range:
    """The range of a share that was so many of a prototype's 12 runs: two standard errors."""
    return share(count / 12, 2 * np.sqrt(count * (12 - count) / 12) / 12)


def _pairs() -> Iterator[Claim]:
    for p in SPARSE:
        claim = partial(make_claim, where=PAIRS | {"density": p})
        yield claim(
            "F10.pairs.orthogonal.p{density}",
            "Two correlated pairs at density {density}: the members of a set are orthogonal, with a"
            " |cosine| of {range}.",
            at_most(ORTHOGONAL),
            _of_run(measures.largest_overlap_within),
            source=f"{SECTION}: first row; {PROTOTYPE}, our tolerance",
        )
        for extreme, measure in NORMS.items():
            yield claim(
                "F10.pairs.norm.{extreme}.p{density}",
                "Two correlated pairs at density {density}: the {which} norm is {range}.",
                rounded(1.00, 1.02, 2),
                _of_run(measure),
                source=PROTOTYPE,
                extreme=extreme,
                which=EXTREMES[extreme],
            )
        yield claim(
            "F10.pairs.loss.p{density}",
            "Two correlated pairs at density {density}: the ratio of the loss to 2 p²/3 is {range}.",
            near(1, 0.05),
            _loss_to_pairs,
            source="theory: antipodal pairs across the sets; 5 %, our tolerance",
        )
    yield make_claim(
        "F10.pairs.hits",
        "Of the single runs of two correlated pairs at densities {first} to {last}, {range:%} end with"
        " orthogonal sets.",
        _of_twelve(11),
        _kept_apart,
        source=OF_TWELVE,
        where=PAIRS,
        over="all",
        first=SPARSE[0],
        last=SPARSE[-1],
    )
    yield make_claim(
        "F10.pairs.dense.p{density}",
        "Two correlated pairs at density {density}: the best run still has {range} collapsed pair.",
        exactly(0),
        _of_run(measures.count_collapsed),
        source=PROTOTYPE,
        where=PAIRS | {"density": 0.2},
    )
    yield from _collapsed_pairs()


def _collapsed_pairs() -> Iterator[Claim]:
    claim = partial(make_claim, where=PAIRS | {"density": 0.4})
    yield claim(
        "F10.pairs.collapsed.p{density}",
        "Two correlated pairs at density {density}: the best run's pairs are collapsed, with a cosine"
        " within a set of {range}.",
        at_least(0.99, high=1 + 1e-9),
        _of_run(measures.smallest_cosine_within),
        source=f"{PROTOTYPE}; .01, our tolerance",
    )
    for extreme, measure in NORMS.items():
        yield claim(
            "F10.pairs.collapsed.norm.{extreme}.p{density}",
            "Two correlated pairs at density {density}: the {which} norm in the best run's collapsed"
            " pairs is {range}.",
            near(0.71, 0.01),
            _of_run(measure),
            source=f"theory: a unit principal component shared by two, 1 / sqrt 2; {PROTOTYPE}",
            extreme=extreme,
            which=EXTREMES[extreme],
        )


def _anti() -> Iterator[Claim]:
    for p in ANTI_DENSITIES:
        claim = partial(make_claim, where=ANTI | {"density": p})
        yield claim(
            "F10.anti.inside.p{density}",
            "Two anticorrelated pairs at density {density}: the members of a set are antipodal, with a"
            " cosine of {range}.",
            at_most(ANTIPODAL, low=-1 - 1e-9),
            _of_run(measures.largest_cosine_within),
            source=f"{SECTION}: second row; theory: their loss is 0",
        )
        yield claim(
            "F10.anti.across.p{density}",
            "Two anticorrelated pairs at density {density}: features of different sets are orthogonal,"
            " with a |cosine| of {range}.",
            at_most(ORTHOGONAL),
            _of_run(measures.largest_overlap_across),
            source=f"{SECTION}: second row; theory: their loss is 0",
        )
        yield claim(
            "F10.anti.loss.p{density}",
            "Two anticorrelated pairs at density {density}: the loss vanishes, it is {range}.",
            at_most(1e-6),
            _loss,
            source="theory: members that are never on together do not interfere",
        )
    yield make_claim(
        "F10.anti.hits",
        "Of the single runs of two anticorrelated pairs, only {range:%} find the antipodes.",
        between(4 / 12, 7 / 12),
        partial(measures.share, measure=_antipodal_inside),
        source="a prototype's counts of 12 runs at each density; pooled here over densities",
        where=ANTI,
        over="all",
    )
    yield make_claim(
        "F10.anti.missed",
        "The other single runs of two anticorrelated pairs end with antipodes across the sets: the ratio"
        " of their median loss to p²/6 is {range}.",
        near(1, 0.1),
        _missed_loss,
        source="theory: pairs across anticorrelated sets; 10 %, our tolerance",
        where=ANTI,
        over="all",
    )


def _triples() -> Iterator[Claim]:
    for p in TRIPLE_DENSITIES:
        claim = partial(make_claim, where=TRIPLES | {"density": p})
        yield claim(
            "F10.triples.distinct.p{density}",
            "Three correlated pairs at density {density}: the six features have {range} directions, told"
            " apart from {degrees} degrees on.",
            exactly(6),
            _of_run(_distinct),
            source=f"{SECTION}: third row; told apart by 8 degrees, ours",
            degrees=TOLD_APART,
        )
        yield claim(
            "F10.triples.side_by_side.p{density}",
            "Three correlated pairs at density {density}: the members of each set lie side by side"
            " around the circle.",
            exactly(1),
            _of_run(sets.side_by_side),
            source=f'{SECTION}: "side by side", third row',
        )
        for extreme, which in EXTREMES.items():
            yield claim(
                "F10.triples.cos.{extreme}.p{density}",
                "Three correlated pairs at density {density}: the {which} cosine within a set is {range}"
                " (about 64 degrees).",
                rounded(0.42, 0.45, 2),
                _of_run(COSINES[extreme]),
                source=PROTOTYPE,
                extreme=extreme,
                which=which,
            )
            yield claim(
                "F10.triples.norm.{extreme}.p{density}",
                "Three correlated pairs at density {density}: the {which} norm is {range}.",
                rounded(0.95, 0.99, 2),
                _of_run(NORMS[extreme]),
                source=PROTOTYPE,
                extreme=extreme,
                which=which,
            )
    yield from _shares_of_triples()


def _shares_of_triples() -> Iterator[Claim]:
    for p, count in ((0.01, 11), (0.02, 11)):
        yield make_claim(
            "F10.triples.hits.p{density}",
            "Of the single runs of three correlated pairs at density {density}, {range:%} put the members"
            " of every set side by side.",
            _of_twelve(count),
            partial(measures.share, measure=sets.side_by_side),
            source=OF_TWELVE,
            where=TRIPLES | {"density": p},
            over="all",
        )
    for p, count in ((0.05, 6), (0.01, 1)):
        yield make_claim(
            "F10.triples.failures.p{density}",
            "Of the single runs of three correlated pairs at density {density}, {range:%} have a"
            " collapsed pair, which is a failure of the optimisation.",
            _of_twelve(count),
            partial(measures.share, measure=_any_collapsed),
            source=f"{SECTION}: third row, fifth panel; {OF_TWELVE}",
            where=TRIPLES | {"density": p},
            over="all",
        )


def _most_represented(t: Tables) -> float:
    """The largest number of represented features in any run."""
    return max(measures.each(_as_sets(t), lambda W, _: len(_represented_rows(W))))


def _most_distinct(t: Tables) -> float:
    """The largest number of directions in any run."""
    return max(measures.each(_as_sets(t), _directions))


def _directions(W: np.ndarray, n_sets: int) -> int:
    """How many directions the represented features have."""
    return _distinct(_represented_rows(W), n_sets)


def _represented_rows(W: np.ndarray) -> np.ndarray:
    """W_i of the represented features, [feature, hidden]."""
    return np.asarray(W[np.linalg.norm(W, axis=1) > REPRESENTED])


def _as_sets(t: Tables) -> Tables:
    """Independent features as sets of one."""
    return Tables(t.runs.assign(data_sets=t.runs["n_features"]), t.features)


def _hexagon_to_pentagon(t: Tables, density: float) -> float:
    """The exact loss of six features as a hexagon over that of a pentagon and one feature dropped."""
    table = t.theory["packing_gains"]
    gain = table[np.isclose(table["sparsity"], 1 / density)].set_index("shape")["gain"]
    if gain.empty:
        return float("nan")
    return float((6 - 2 * gain["hexagon"]) / (6 - 2 * gain["pentagon"]))


def _control() -> Iterator[Claim]:
    claim = partial(make_claim, where=INDEPENDENT, above=REPRESENTED)
    yield claim(
        "F10.control",
        "Six independent features form no hexagon: in the best run {range} of them have a norm above"
        " {above}.",
        at_most(5),
        represented,
        source=f"{SECTION}: a pentagon and one dropped",
    )
    yield claim(
        "F10.control.every",
        "In every run, {range} of six independent features have a norm above {above}.",
        at_most(5),
        _most_represented,
        source="a prototype's 12 runs",
        over="all",
    )
    yield claim(
        "F10.control.directions",
        "In every run, six independent features with a norm above {above} have {range} directions.",
        at_most(5),
        _most_distinct,
        source=f"{SECTION}: six features form no hexagon",
        over="all",
    )
    yield make_claim(
        "F10.hexagon",
        "At density {density} the best regular hexagon loses more than the best pentagon with the sixth"
        " feature dropped: the ratio of their exact expected losses is {range}.",
        at_least(1.0),
        partial(_hexagon_to_pentagon, density=0.05),
        source=f"{SECTION}: a pentagon and one dropped, judged by theory: k features in d dimensions"
        " lose k - d gain times v(p)",
        experiments=(),
        theory=("packing_gains",),
    )


CLAIMS = (*_pairs(), *_anti(), *_triples(), *_control())
