"""Claims of correlated and anticorrelated sets in two dimensions (F10)."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from superpos import theory
from superpos.papers.toy_models.correlated import set_measures as measures
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.claim import Claim
from superpos.verdicts.measures import represented

SECTION = 'section "Correlated and Anticorrelated Features", solutions in two dimensions'
PROTOTYPE = "a prototype's best of 12 runs"
OF_TWELVE = "a prototype's count of 12 runs, within two standard errors of such a count"
PAIRS: Mapping[str, Any] = {"data": "correlated", "n_features": 4}
ANTI: Mapping[str, Any] = {"data": "anticorrelated"}
TRIPLES: Mapping[str, Any] = {"data": "correlated", "n_features": 6}
SPARSE = (0.01, 0.02, 0.05, 0.1)
ANTI_DENSITIES = (0.01, 0.02, 0.05, 0.1, 0.2)
TRIPLE_DENSITIES = (0.01, 0.02, 0.05)


def _claim(name: str, row: Mapping[str, Any], density: float | None = None, **fields: Any) -> Claim:
    suffix = "" if density is None else f".p{density:g}"
    where = dict(row) | ({} if density is None else {"density": density})
    shared = {"figure": "F10", "experiments": ("F10",), "where": where}
    return Claim(claim=f"F10.{name}{suffix}", **(shared | fields))  # type: ignore[arg-type]


def _of_run(measure: measures.OfRun) -> partial:
    return partial(measures.of_run, measure=measure)


def _loss_to_pairs(t: Tables) -> float:
    """Held-out loss over that of antipodal pairs across the sets, 2 p^2 / 3."""
    p = float(t.runs["density"].iloc[0])
    return float(t.runs["loss"].iloc[0]) / float(theory.two_sets_in_two(p)["correlated_across"])


def _loss(t: Tables) -> float:
    return float(t.runs["loss"].iloc[0])


def _kept_apart(t: Tables) -> float:
    """The share of runs of dense enough training whose sets are orthogonal inside."""
    sparse = t.runs["density"].isin(SPARSE)
    chosen = Tables(t.runs[sparse], t.features[t.features["density"].isin(SPARSE)])
    return measures.share(chosen, lambda W, n: measures.largest_within(W, n) < 0.05)


def _antipodal_inside(W: np.ndarray, n_sets: int) -> bool:
    return measures.greatest_within(W, n_sets) < -0.99


def _missed_loss(t: Tables) -> float:
    """Median loss, over p^2 / 6, of the runs that end without antipodes inside the sets."""
    inside = measures.each(t, _antipodal_inside)
    runs = t.runs.sort_values(["condition", "replicate"])
    missed = runs[~np.array(inside, bool)]
    across = theory.two_sets_in_two(missed["density"].to_numpy(float))["anticorrelated_across"]
    return float((missed["loss"] / across).median())


def _distinct(W: np.ndarray, n_sets: int) -> int:
    """How many directions are told apart: features with no earlier one within 8 degrees."""
    near = np.triu(sets.cosines(W) > np.cos(np.radians(8)), 1)
    return int((~near.any(0)).sum())


def _pairs() -> Iterator[Claim]:
    for p in SPARSE:
        claim = partial(_claim, row=PAIRS, density=p)
        what = f"Two correlated pairs at density {p:g}"
        yield claim(
            "pairs.orthogonal",
            statement=f"{what}: members of a set are orthogonal, |cos| below .05.",
            source=f"{SECTION}: first row; {PROTOTYPE}, our tolerance",
            measure=_of_run(measures.largest_within),
            low=0,
            high=0.05,
        )
        for extreme, measure in (("min", measures.least_norm), ("max", measures.greatest_norm)):
            yield claim(
                f"pairs.norm.{extreme}",
                statement=f"{what}: the {'least' if extreme == 'min' else 'greatest'} norm is 1.00"
                " to 1.02, to two decimals.",
                source=PROTOTYPE,
                measure=_of_run(measure),
                low=0.995,
                high=1.025,
            )
        yield claim(
            "pairs.loss",
            statement=f"{what}: the loss is 2 p^2 / 3, within 5 %.",
            source="theory: antipodal pairs across the sets; 5 %, our tolerance",
            measure=_loss_to_pairs,
            low=0.95,
            high=1.05,
        )
    yield _claim(
        "pairs.hits",
        PAIRS,
        statement="Of single runs of two correlated pairs at densities .01 to .1, 11 to 12 of 12"
        " end with orthogonal sets.",
        source=OF_TWELVE,
        measure=_kept_apart,
        low=11 / 12 - 2 * np.sqrt(11) / 12**1.5,
        high=1,
        over="all",
    )
    yield _claim(
        "pairs.dense",
        PAIRS,
        0.2,
        statement="At density .2 the best run still has no collapsed pair.",
        source=PROTOTYPE,
        measure=_of_run(measures.count_collapsed),
        low=0,
        high=0,
    )
    yield _claim(
        "pairs.collapsed",
        PAIRS,
        0.4,
        statement="At density .4 the best run has collapsed pairs: cos within a set 1.",
        source=f"{PROTOTYPE}; .01, our tolerance",
        measure=_of_run(measures.least_within),
        low=0.99,
        high=1 + 1e-9,
    )
    for extreme, measure in (("min", measures.least_norm), ("max", measures.greatest_norm)):
        yield _claim(
            f"pairs.collapsed.norm.{extreme}",
            PAIRS,
            0.4,
            statement="At density .4 the best run's collapsed pairs have norm .71, within .01:"
            f" {extreme}.",
            source=f"theory: a unit principal component shared by two, 1 / sqrt 2; {PROTOTYPE}",
            measure=_of_run(measure),
            low=0.70,
            high=0.72,
        )


def _anti() -> Iterator[Claim]:
    for p in ANTI_DENSITIES:
        claim = partial(_claim, row=ANTI, density=p)
        what = f"Two anticorrelated pairs at density {p:g}"
        yield claim(
            "anti.inside",
            statement=f"{what}: members of a set are antipodal, cos below -.99.",
            source=f"{SECTION}: second row; theory: their loss is 0",
            measure=_of_run(measures.greatest_within),
            low=-1 - 1e-9,
            high=-0.99,
        )
        yield claim(
            "anti.across",
            statement=f"{what}: features of different sets are orthogonal, |cos| below .05.",
            source=f"{SECTION}: second row; theory: their loss is 0",
            measure=_of_run(measures.largest_across),
            low=0,
            high=0.05,
        )
        yield claim(
            "anti.loss",
            statement=f"{what}: the loss is 0, below 1e-6.",
            source="theory: members that are never on together do not interfere",
            measure=_loss,
            low=0,
            high=1e-6,
        )
    yield _claim(
        "anti.hits",
        ANTI,
        statement="Of single runs of anticorrelated pairs, only 4 to 7 of 12 find the antipodes.",
        source="a prototype's counts of 12 runs at each density; pooled here over densities",
        measure=partial(measures.share, measure=_antipodal_inside),
        low=4 / 12,
        high=7 / 12,
        over="all",
    )
    yield _claim(
        "anti.missed",
        ANTI,
        statement="The other runs end with antipodes across the sets: their median loss is p^2 / 6,"
        " within 10 %.",
        source="theory: pairs across anticorrelated sets; 10 %, our tolerance",
        measure=_missed_loss,
        low=0.9,
        high=1.1,
        over="all",
    )


def _triples() -> Iterator[Claim]:
    for p in TRIPLE_DENSITIES:
        claim = partial(_claim, row=TRIPLES, density=p)
        what = f"Three correlated pairs at density {p:g}"
        yield claim(
            "triples.distinct",
            statement=f"{what}: the six features have six directions.",
            source=f"{SECTION}: third row; told apart by 8 degrees, ours",
            measure=_of_run(_distinct),
            low=6,
            high=6,
        )
        yield claim(
            "triples.side_by_side",
            statement=f"{what}: going round, the members of each set follow one another.",
            source=f'{SECTION}: "side by side", third row',
            measure=_of_run(sets.side_by_side),
            low=1,
            high=1,
        )
        for extreme, cosine, norm in (
            ("min", measures.least_within, measures.least_norm),
            ("max", measures.greatest_within, measures.greatest_norm),
        ):
            yield claim(
                f"triples.cos.{extreme}",
                statement=f"{what}: cos within a set is .42 to .45 (about 64 degrees), to two"
                f" decimals: {extreme}.",
                source=PROTOTYPE,
                measure=_of_run(cosine),
                low=0.415,
                high=0.455,
            )
            yield claim(
                f"triples.norm.{extreme}",
                statement=f"{what}: norms are .95 to .99, to two decimals: {extreme}.",
                source=PROTOTYPE,
                measure=_of_run(norm),
                low=0.945,
                high=0.995,
            )
    for p, count in ((0.01, 11), (0.02, 11)):
        yield _claim(
            "triples.hits",
            TRIPLES,
            p,
            statement=f"Of single runs of three correlated pairs at density {p:g}, {count} of 12"
            " put the members of every set side by side.",
            source=OF_TWELVE,
            measure=partial(measures.share, measure=sets.side_by_side),
            **_counted(count),
        )
    for p, count in ((0.05, 6), (0.01, 1)):
        yield _claim(
            "triples.failures",
            TRIPLES,
            p,
            statement=f"Of single runs of three correlated pairs at density {p:g}, {count} of 12"
            " have a collapsed pair: an optimisation failure.",
            source=f"{SECTION}: third row, fifth panel; {OF_TWELVE}",
            measure=partial(measures.share, measure=_any_collapsed),
            **_counted(count),
        )


def _any_collapsed(W: np.ndarray, n_sets: int) -> bool:
    return measures.count_collapsed(W, n_sets) > 0


def _counted(count: int) -> dict[str, Any]:
    """The range of a share of which a prototype counted so many in 12."""
    error = np.sqrt(count * (12 - count) / 12) / 12
    return {
        "low": max(count / 12 - 2 * error, 0),
        "high": min(count / 12 + 2 * error, 1),
        "over": "all",
    }


def _most_represented(t: Tables) -> float:
    """The most features with norm > .5 in any run."""
    return max(
        measures.each(_as_sets(t), lambda W, _: int((np.linalg.norm(W, axis=1) > 0.5).sum()))
    )


def _most_distinct(t: Tables) -> float:
    """The most directions in any run."""
    return max(measures.each(_as_sets(t), _directions))


def _directions(W: np.ndarray, n_sets: int) -> int:
    """The directions of features with norm > .5."""
    return _distinct(W[np.linalg.norm(W, axis=1) > 0.5], n_sets)


def _as_sets(t: Tables) -> Tables:
    """Independent features as sets of one."""
    return Tables(t.runs.assign(data_sets=t.runs["n_features"]), t.features)


def _hexagon_to_pentagon(t: Tables) -> float:
    """Exact loss of six features as a hexagon over that as a pentagon and one dropped, density .05."""
    table = t.theory["packing_gains"]
    sparsest = table[table["sparsity"] == table["sparsity"].max()].set_index("shape")["gain"]
    return float((6 - 2 * sparsest["hexagon"]) / (6 - 2 * sparsest["pentagon"]))


def _control() -> Iterator[Claim]:
    claim = partial(_claim, row={"data": "independent"})
    yield claim(
        "control",
        statement="Six independent features form no hexagon: in the best run five have a norm above"
        " .5, at most.",
        source=f"{SECTION}: a pentagon and one dropped",
        measure=represented,
        low=0,
        high=5,
    )
    yield claim(
        "control.every",
        statement="In no run have more than five of six independent features a norm above .5.",
        source="a prototype's 12 runs",
        measure=_most_represented,
        low=0,
        high=5,
        over="all",
    )
    yield claim(
        "control.directions",
        statement="In no run have six independent features six directions.",
        source=f"{SECTION}: six features form no hexagon",
        measure=_most_distinct,
        low=0,
        high=5,
        over="all",
    )
    yield Claim(
        claim="F10.hexagon",
        figure="F10",
        statement="At density .05, by the exact expected loss, the best regular hexagon loses more than"
        " the best pentagon with the sixth feature dropped.",
        source=f"{SECTION}: a pentagon and one dropped, judged by theory: k features in d dimensions"
        " lose k - d gain times v(p)",
        experiments=(),
        theory=("packing_gains",),
        measure=_hexagon_to_pentagon,
        low=1,
        high=np.inf,
    )


CLAIMS = (*_pairs(), *_anti(), *_triples(), *_control())
