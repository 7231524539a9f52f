"""Claims about correlated and anticorrelated sets in two dimensions (F10)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.papers.toy_models.correlated import set_measures as measures
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, between, exactly, near
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import Correction
from superpos.verdicts.measures import EXTREMES, REPRESENTED, gaps
from superpos.verdicts.statement import Statement

SECTION = 'section "Correlated and Anticorrelated Features", solutions in two dimensions'
PAIRS: dict[str, str | float] = {"data": "correlated", "n_features": 4}
ANTI = {"data": "anticorrelated"}
TRIPLES: dict[str, str | float] = {"data": "correlated", "n_features": 6}
INDEPENDENT = {"data": "independent"}
SPARSE = (0.01, 0.02, 0.05, 0.1)
ANTI_DENSITIES = (0.01, 0.02, 0.05, 0.1, 0.2)
TRIPLE_DENSITIES = (0.01, 0.02, 0.05)
CONTROL_DENSITIES = (0.05, 0.1)
ORTHOGONAL, ANTIPODAL = 0.05, -0.99
"""The largest |cosine| of features that count as orthogonal, and the largest cosine of antipodal ones."""
TOLD_APART = 8
"""Directions that differ by more than this many degrees count as two."""
OF_A_PROTOTYPE = {0.05: (0.21132486540518713, 0.7886751345948129), 0.01: (0.0, 0.24290451795938967)}
"""The shares of failures that were accepted before they were corrected, by density."""

ORTHOGONAL_PAIRS = Statement(
    "F10.pairs",
    "paper",
    "In a model of two correlated pairs in two dimensions, the features of a pair are orthogonal.",
)
ON_CIRCLE = Statement(
    "F10.circle",
    "paper",
    "In two dimensions, the features of correlated pairs are points on the unit circle.",
)
PAIRS_LOSS = Statement(
    "F10.pairs.loss",
    "theory",
    "A model of two correlated pairs in two dimensions loses 2p²/3, as antipodal features of different"
    " pairs do.",
)
PAIRS_COLLAPSE = Statement(
    "F10.pairs.collapse",
    "theory",
    "Two correlated pairs in two dimensions collapse to their principal components above a density of"
    " 1/4. Collapsed pairs lose p/6, and antipodal features of different pairs lose 2p²/3.",
)
OPPOSITE = Statement(
    "F10.anti",
    "paper",
    "In a model of two anticorrelated pairs in two dimensions, the features of a pair point in opposite"
    " directions, and the two pairs are orthogonal.",
)
NO_LOSS = Statement(
    "F10.anti.loss",
    "theory",
    "Anticorrelated pairs whose features point in opposite directions lose nothing, because these features"
    " are never active together.",
)
MISSED = Statement(
    "F10.anti.missed",
    "theory",
    "A model of two anticorrelated pairs that does not find this solution makes features of different"
    " pairs antipodal, and loses p²/6.",
)
SIDE_BY_SIDE = Statement(
    "F10.triples",
    "paper",
    "In a model of three correlated pairs in two dimensions, the six features form a hexagon, and the"
    " features of each pair are side by side.",
)
FAILURES = Statement(
    "F10.failures",
    "paper",
    "Sometimes the training of three correlated pairs fails: a pair collapses and lies at a radius of"
    " about 0.71. One of the five models in the figure does.",
)
NO_HEXAGON = Statement(
    "F10.hexagon",
    "paper",
    "Models do not embed six independent features as a hexagon. The paper gives no density.",
)


def _of_run(measure: measures.OfRun) -> partial[float]:
    """The measure of the only run."""
    return partial(measures.of_run, measure=measure)


def _loss_to_pairs(t: Tables) -> float:
    """The held-out loss divided by that of antipodal pairs across the sets, 2 p² / 3."""
    p = float(t.runs["density"].iloc[0])
    return float(t.runs["loss"].iloc[0]) / float(theory.two_sets_in_two(p)["correlated_across"])


def _loss(t: Tables) -> float:
    """The held-out loss of the only run."""
    return float(t.runs["loss"].iloc[0])


def _antipodal_inside(W: np.ndarray, n_sets: int) -> bool:
    return measures.largest_cosine_within(W, n_sets) < ANTIPODAL


def _missed_loss(t: Tables) -> float:
    """The median loss divided by p² / 6, for the runs that end without antipodes inside the sets."""
    inside = measures.each(t, _antipodal_inside)
    runs = t.runs.sort_values(["condition", "replicate"])
    missed = runs[~np.array(inside, bool)]
    across = theory.two_sets_in_two(missed["density"].to_numpy(float))["anticorrelated_across"]
    return float((missed["loss"] / across).median())


def _distinct(W: np.ndarray, n_sets: int) -> int:
    """The number of distinct directions: features that have no earlier one within TOLD_APART degrees."""
    near = np.triu(sets.cosines(W) > np.cos(np.radians(TOLD_APART)), 1)
    return int((~near.any(0)).sum())


def _gap(W: np.ndarray, n_sets: int, extreme: str) -> float:
    """The smallest or largest (`extreme`: min, max) angle between neighbouring features, in degrees."""
    return float(getattr(gaps(W), extreme)())


def _failed_norm(t: Tables) -> float:
    """The mean norm, over all runs, of the features of collapsed pairs; NaN if there are none."""
    norms = measures.norms_of_collapsed(t)
    return float(np.mean(norms)) if norms else float("nan")


def _any_collapsed(W: np.ndarray, n_sets: int) -> bool:
    return measures.count_collapsed(W, n_sets) > 0


NORMS = {"min": measures.smallest_norm, "max": measures.largest_norm}


def _on_circle(low: float, high: float) -> Correction:
    return Correction(
        low,
        high,
        "the range was a prototype's. The paper says that the features are points on the unit circle.",
    )


def _one_in_five(low: float, high: float) -> Correction:
    return Correction(
        low,
        high,
        "the range came from 12 runs of a prototype. The paper draws one failure among five models and"
        " gives no density, so that the range is what 1 in 5 allows with 95% confidence.",
    )


def _pairs() -> Iterator[Claim]:
    for p in SPARSE:
        claim = partial(make_claim, where=PAIRS | {"density": p})
        yield claim(
            "F10.pairs.orthogonal.p{density}",
            "For two correlated pairs at density {density}, the largest |cosine| between the features of a"
            " pair is {range}.",
            at_most(ORTHOGONAL),
            _of_run(measures.largest_overlap_within),
            of=ORTHOGONAL_PAIRS,
            source=f"{SECTION}: first row; 0.05, our tolerance",
        )
        for extreme, measure in NORMS.items():
            yield claim(
                "F10.pairs.norm.{extreme}.p{density}",
                "For two correlated pairs at density {density}, the {which} norm of a feature is {range}.",
                near(1, 0.05),
                _of_run(measure),
                of=ON_CIRCLE,
                source=f'{SECTION}: "points on a unit circle"; 0.05, our tolerance',
                corrections=(_on_circle(0.995, 1.025),),
                extreme=extreme,
                which=EXTREMES[extreme],
            )
        yield claim(
            "F10.pairs.loss.p{density}",
            "For two correlated pairs at density {density}, the loss divided by 2p²/3 is {range}.",
            near(1, 0.05),
            _loss_to_pairs,
            of=PAIRS_LOSS,
            source="theory: antipodal features of different pairs; 5%, our tolerance",
        )
    yield from _collapsed_pairs()


def _collapsed_pairs() -> Iterator[Claim]:
    claim = partial(
        make_claim,
        of=PAIRS_COLLAPSE,
        source="theory: p/6 < 2p²/3 above a density of 1/4; 0.01, our tolerance",
    )
    yield claim(
        "F10.pairs.dense.p{density}",
        "For two correlated pairs at density {density}, {range} pair of the best run is collapsed.",
        exactly(0),
        _of_run(measures.count_collapsed),
        where=PAIRS | {"density": 0.2},
    )
    dense = PAIRS | {"density": 0.4}
    yield claim(
        "F10.pairs.collapsed.p{density}",
        "For two correlated pairs at density {density}, the smallest cosine between the features of a pair"
        " is {range}.",
        at_least(0.99, high=1 + 1e-9),
        _of_run(measures.smallest_cosine_within),
        where=dense,
    )
    for extreme, measure in NORMS.items():
        yield claim(
            "F10.pairs.collapsed.norm.{extreme}.p{density}",
            "For two correlated pairs at density {density}, the {which} norm of a feature is {range}, where"
            " a principal component gives 1/√2.",
            near(0.71, 0.01),
            _of_run(measure),
            where=dense,
            extreme=extreme,
            which=EXTREMES[extreme],
        )


def _anti() -> Iterator[Claim]:
    for p in ANTI_DENSITIES:
        claim = partial(make_claim, where=ANTI | {"density": p})
        yield claim(
            "F10.anti.inside.p{density}",
            "For two anticorrelated pairs at density {density}, the largest cosine between the features of"
            " a pair is {range}.",
            at_most(ANTIPODAL, low=-1 - 1e-9),
            _of_run(measures.largest_cosine_within),
            of=OPPOSITE,
            source=f"{SECTION}: second row; 0.01, our tolerance",
        )
        yield claim(
            "F10.anti.across.p{density}",
            "For two anticorrelated pairs at density {density}, the largest |cosine| between features of"
            " different pairs is {range}.",
            at_most(ORTHOGONAL),
            _of_run(measures.largest_overlap_across),
            of=OPPOSITE,
            source=f"{SECTION}: second row; 0.05, our tolerance",
        )
        yield claim(
            "F10.anti.loss.p{density}",
            "For two anticorrelated pairs at density {density}, the loss is {range}.",
            at_most(1e-6),
            _loss,
            of=NO_LOSS,
            source="theory: the loss is 0",
        )
    yield make_claim(
        "F10.anti.missed",
        "For the single runs of two anticorrelated pairs whose features are not in opposite directions, the"
        " median loss divided by p²/6 is {range}.",
        near(1, 0.1),
        _missed_loss,
        of=MISSED,
        source="theory: antipodal features of different pairs; 10%, our tolerance",
        where=ANTI,
        over="all",
    )


def _triples() -> Iterator[Claim]:
    for p in TRIPLE_DENSITIES:
        claim = partial(make_claim, where=TRIPLES | {"density": p})
        yield claim(
            "F10.triples.distinct.p{density}",
            "For three correlated pairs at density {density}, {range} directions are at least {degrees}"
            " degrees apart.",
            exactly(6),
            _of_run(_distinct),
            of=SIDE_BY_SIDE,
            source=f"{SECTION}: third row; {TOLD_APART} degrees, our tolerance",
            degrees=TOLD_APART,
        )
        yield claim(
            "F10.triples.side_by_side.p{density}",
            "For three correlated pairs at density {density}, the features of each pair are neighbours on"
            " the circle.",
            exactly(1),
            _of_run(sets.side_by_side),
            of=SIDE_BY_SIDE,
            source=f'{SECTION}: "side by side", third row',
        )
        for extreme, which in EXTREMES.items():
            yield claim(
                "F10.triples.gap.{extreme}.p{density}",
                "For three correlated pairs at density {density}, the {which} angle between neighbouring"
                " features is {range} degrees.",
                near(60, 10),
                _of_run(partial(_gap, extreme=extreme)),
                of=SIDE_BY_SIDE,
                source='section "Correlated and Anticorrelated Features", collapse: "arranged in a'
                ' hexagon"; 10 degrees, our tolerance',
                extreme=extreme,
                which=which,
            )
            yield claim(
                "F10.triples.norm.{extreme}.p{density}",
                "For three correlated pairs at density {density}, the {which} norm of a feature is"
                " {range}.",
                near(1, 0.05),
                _of_run(NORMS[extreme]),
                of=ON_CIRCLE,
                source=f'{SECTION}: "points on a unit circle"; 0.05, our tolerance',
                corrections=(_on_circle(0.945, 0.995),),
                extreme=extreme,
                which=which,
            )
        yield from _failures(p)


def _failures(p: float) -> Iterator[Claim]:
    claim = partial(make_claim, of=FAILURES, where=TRIPLES | {"density": p}, over="all")
    yield claim(
        "F10.triples.failures.p{density}",
        "For three correlated pairs at density {density}, {range:%} of the single runs have a collapsed"
        " pair.",
        between(0.005, 0.716),
        partial(measures.share, measure=_any_collapsed),
        source=f"{SECTION}: one of five models in the third row; the exact 95% interval of 1 in 5",
        corrections=(_one_in_five(*OF_A_PROTOTYPE[p]),) if p in OF_A_PROTOTYPE else (),
    )
    yield claim(
        "F10.triples.radius.p{density}",
        "For three correlated pairs at density {density}, the mean norm of the features of collapsed pairs"
        " is {range}.",
        near(0.71, 0.05),
        _failed_norm,
        source=f"{SECTION}: third row, fifth panel; 0.05, our tolerance for reading it",
    )


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
    """The tables with independent features treated as sets of one."""
    return Tables(t.runs.assign(data_sets=t.runs["n_features"]), t.features)


def _hexagon_to_pentagon(t: Tables, density: float) -> float:
    """The exact loss of six features as a hexagon, divided by that as a pentagon with one feature dropped.

    The table's nearest density may differ by 1%.
    """
    table = t.theory["packing_gains"]
    near = np.isclose(table["sparsity"], 1 / density, rtol=0.01)
    gain = table[near].set_index("shape")["gain"]
    if gain.empty:
        return float("nan")
    return float((6 - 2 * gain["hexagon"]) / (6 - 2 * gain["pentagon"]))


def _control() -> Iterator[Claim]:
    for p in CONTROL_DENSITIES:
        yield make_claim(
            "F10.control.p{density}",
            "At density {density}, the represented features among six independent ones have {range}"
            " directions in every run.",
            at_most(5),
            _most_distinct,
            of=NO_HEXAGON,
            source=f'{SECTION}: "models will not embed 6 independent features as a hexagon"',
            where=INDEPENDENT | {"density": p},
            over="all",
        )
        yield make_claim(
            "F10.hexagon.p{density}",
            "At density {density}, the exact expected loss of the best regular hexagon divided by that of"
            " the best regular pentagon without the sixth feature is {range}.",
            at_least(1.0),
            partial(_hexagon_to_pentagon, density=p),
            of=NO_HEXAGON,
            source=f"{SECTION}: the same, judged by theory: k features in d dimensions lose k - d gain,"
            " times v(p)",
            experiments=(),
            theory=("packing_gains",),
        )


CLAIMS = (*_pairs(), *_anti(), *_triples(), *_control())
