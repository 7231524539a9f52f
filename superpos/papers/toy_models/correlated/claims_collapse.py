"""Claims about the collapse of correlated pairs to their principal components (F12).

ASSUME: the paper does not say how it chose the models in the figure. The counts are judged for the best of
the models at rest, and for the commonest single run of the authors' recipe.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.papers.toy_models import recipe as notebook
from superpos.papers.toy_models.correlated import set_measures as measures
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.accepted import at_most, exactly, near
from superpos.verdicts.claim import Claim, Where, make_claim
from superpos.verdicts.correction import Correction
from superpos.verdicts.measures import EXTREMES, column
from superpos.verdicts.statement import Statement, listed

SECTION = 'section "Correlated and Anticorrelated Features", collapse of correlated features'
SETS = 3
SPARSE = 0.2
"""The largest density at which the norms of collapsed pairs are measured."""
EDGE = 1e-9
RANGES = (
    ("pca", 3, 0.5, 1.0, "{low} and above"),
    ("three", 3, 0.25, 0.5 - EDGE, "{low} to {high}"),
    ("two", 2, 0.15 + EDGE, 0.2, "{low} to {high}"),
    ("one", 1, 0.05 + EDGE, 0.15 - EDGE, "{low} to {high}"),
    ("none", 0, 0.0, 0.05, "{high} and below"),
)
"""The figure's five ranges of densities: a name, how many sets are collapsed, both ends, and words.

PAPER: 0.2 to 0.25 is in no range. The ends of some ranges are in two.
"""
UP_TO = {name: high for name, _, _, high, _ in RANGES}
"""The largest density of each range."""
FROM_ON = RANGES[1][2]
"""The density from which on all pairs are collapsed."""
CLOSE = (0.35, 0.25)
"""The densities at which models with two collapsed pairs are compared with models with three."""
PCA_NORM = 0.577
RECIPE: Where = notebook.settings(6, 2, 10)

COLLAPSE = Statement(
    "F12.ranges",
    "paper",
    "As features become denser, more of three correlated pairs in two dimensions collapse to their principal"
    f" components: none at densities up to about {UP_TO['none']:g}, one at about {UP_TO['none']:g} to"
    f" {UP_TO['one']:g}, two at about {UP_TO['one']:g} to {UP_TO['two']:g}, and all three from about"
    f" {FROM_ON:g} on.",
)
FEWER_LOSE_LESS = Statement(
    "F12.margin",
    "ours",
    f"At densities {listed(sorted(CLOSE))}, where the paper's figure has three collapsed pairs, models with"
    " two lose less.",
)
COMPONENT = Statement(
    "F12.component",
    "paper",
    "A collapsed pair is represented by its principal component (a + b)/√2, so that the norm of each of its"
    " features is 1/√2.",
)
PCA = Statement(
    "F12.pca",
    "theory",
    "When features are very dense, the model is equivalent to PCA: three equal principal components share"
    f" two dimensions, so that the norm of each feature is √(2/3)/√2 = {PCA_NORM}.",
)


def _of_a_prototype(low: float, high: float) -> Correction:
    return Correction(
        low,
        high,
        "the upper end was a prototype's; the principal component gives the norm, and 0.05 is the tolerance"
        " of the other norms of this section.",
    )


def _count(t: Tables) -> float:
    """The number of collapsed pairs in the best run."""
    return measures.of_run(t, measures.count_collapsed)


def _rises(t: Tables) -> float:
    """How often the count of the best run rises as density falls."""
    counts = [_count(part) for part in t.by_density]
    return float((np.diff(counts) > 0).sum())


def _misses(t: Tables, low: float, high: float, count: int) -> float:
    """The number of densities between low and high at which the best run has a different count."""
    parts = [part for part in t.by_density if low <= part.runs["density"].iloc[0] <= high]
    return float(sum(_count(part) != count for part in parts)) if parts else float("nan")


def _usual_misses(t: Tables, low: float, high: float, count: int) -> float:
    """The number of densities between low and high at which the most common count of single runs differs."""
    parts = [part for part in t.by_density if low <= part.runs["density"].iloc[0] <= high]
    return float(sum(_usual(part) != count for part in parts)) if parts else float("nan")


def _usual(t: Tables) -> float:
    """The most common count among single runs; NaN if two counts are equally common."""
    found = Counter(measures.each(t, measures.count_collapsed)).most_common(2)
    tied = len(found) == 2 and found[0][1] == found[1][1]
    return float("nan") if tied else float(found[0][0])


def _margin(t: Tables, fewer: int) -> float:
    """The smallest exact loss with `fewer` collapsed pairs, divided by the smallest with one more."""
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


def _sparse(t: Tables) -> Iterator[tuple[np.ndarray, int]]:
    """W [feature, hidden] and the number of sets at each density up to SPARSE."""
    for part in t.by_density:
        if part.runs["density"].iloc[0] <= SPARSE + EDGE:
            yield column(part, "W"), int(part.runs["data_sets"].iloc[0])


def _members(W: np.ndarray, n_sets: int) -> np.ndarray:
    """The features of the collapsed sets, [feature, hidden]."""
    members = sets.members(W, n_sets)[sets.collapsed(W, n_sets)]
    return np.asarray(members.reshape(-1, W.shape[1]))


def _counts() -> Iterator[Claim]:
    for name, count, low, high, shown in RANGES:
        part = {0: "none", SETS: "all"}.get(count, count)
        claim = partial(make_claim, of=COLLAPSE, sets=SETS, part=part)
        yield claim(
            f"F12.text.{name}",
            f"At densities of {shown}, "
            "the best run has {part} of its {sets} pairs collapsed, with {range} exception.",
            exactly(0),
            partial(_misses, low=low, high=high, count=count),
            source=f"{SECTION}: the figure's range",
        )
        yield claim(
            f"F12.recipe.{name}",
            f"At densities of {shown}, the commonest single run of the authors' recipe "
            "has {part} of its {sets} pairs collapsed, with {range} exception.",
            exactly(0),
            partial(_usual_misses, low=low, high=high, count=count),
            source=f"{SECTION}: the figure's range",
            experiments=("F12_recipe",),
            over="all",
            recipe={"F12_recipe": RECIPE},
            models="recipe",
        )
    yield make_claim(
        "F12.monotone",
        "From a density to the next smaller one, the number of collapsed pairs of the best run rises at"
        " {range} step.",
        exactly(0),
        _rises,
        of=COLLAPSE,
        source=f'{SECTION}: "as we decrease sparsity, the features progressively collapse"',
    )
    for p in CLOSE:
        yield make_claim(
            "F12.margin.p{density}",
            "At density {density}, the smallest exact expected loss with {fewer} collapsed pairs divided by"
            " the smallest with one more is {range}.",
            at_most(1),
            partial(_margin, fewer=2),
            of=FEWER_LOSE_LESS,
            source="the exact expected loss of the trained weights",
            where={"density": p},
            over="all",
        )


def _shapes() -> Iterator[Claim]:
    for extreme, which in EXTREMES.items():
        yield make_claim(
            "F12.norm.{extreme}",
            "At densities up to {sparse}, the {which} norm of a feature of a collapsed pair is {range}.",
            near(0.71, 0.05),
            partial(_collapsed_norms, extreme=extreme),
            of=COMPONENT,
            source=f"{SECTION}: the principal component (a + b)/√2; 0.05, our tolerance",
            corrections=(_of_a_prototype(0.705, 0.735),),
            sparse=SPARSE,
            which=which,
        )
    for extreme, measure in (("min", measures.smallest_norm), ("max", measures.largest_norm)):
        yield make_claim(
            f"F12.pca.norm.{extreme}.p{{density}}",
            "At density {density}, the {which} norm of a feature is {range}.",
            near(PCA_NORM, 0.05),
            partial(measures.of_run, measure=measure),
            of=PCA,
            source="theory: three principal components share two dimensions; 0.05, our tolerance",
            corrections=(_of_a_prototype(0.565, 0.625),),
            where={"density": 0.75},
            which=EXTREMES[extreme],
        )


CLAIMS = (*_counts(), *_shapes())
