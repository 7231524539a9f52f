"""Claims of local almost-orthogonal bases: two correlated sets of ten in ten dimensions (F11)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, near
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.measures import EXTREMES, column

SECTION = 'section "Correlated and Anticorrelated Features", local almost-orthogonal bases'
SPARSE = (0.05, 0.01)


def _gram(t: Tables) -> np.ndarray:
    """W_i . W_j [feature, feature] of the run."""
    W = column(t, "W")
    return np.asarray(W @ W.T)


def _diagonal(t: Tables, extreme: str) -> float:
    """The smallest or largest (`extreme`: min, max) ||W_i||^2."""
    return float(getattr(_gram(t).diagonal(), extreme)())


def _inside(t: Tables) -> float:
    """The largest |W_i . W_j| of different features of a set."""
    gram = _gram(t)
    return float(abs(gram[sets.within(len(gram), _sets(t))]).max())


def _across(t: Tables, extreme: str) -> float:
    """The smallest or largest of the features' sum_j (W_i . W_j)^2 over the other set."""
    gram = _gram(t)
    return float(getattr((gram**2 * sets.across(len(gram), _sets(t))).sum(1), extreme)())


@requires(metrics=("dimensionality",))
def _dimensionality(t: Tables, extreme: str) -> float:
    """The smallest or largest dimensionality of a feature."""
    return float(getattr(column(t, "dimensionality"), extreme)())


def _to_antipodal(t: Tables) -> float:
    """The held-out loss over that of ten antipodal pairs across the sets, 10 p^2 / 3."""
    p, pairs = float(t.runs["density"].iloc[0]), int(t.runs["n_hidden"].iloc[0])
    return float(t.runs["loss"].iloc[0]) / (pairs * p**2 / 3)


def _sets(t: Tables) -> int:
    return int(t.runs["data_sets"].iloc[0])


def _claims() -> Iterator[Claim]:
    for p in SPARSE:
        claim = partial(make_claim, where={"density": p})
        for extreme, which in EXTREMES.items():
            yield claim(
                "F11.diagonal.{extreme}.p{density}",
                "At density {density}, the {which} ‖W_i‖² is {range}.",
                near(1, 0.05),
                partial(_diagonal, extreme=extreme),
                source=f"{SECTION}: each block is close to the identity; .05, our tolerance",
                which=which,
            )
            yield claim(
                "F11.across.{extreme}.p{density}",
                "At density {density}, the {which} sum of a feature's squared products with the other"
                " set is {range}.",
                near(1, 0.1),
                partial(_across, extreme=extreme),
                source="theory: two orthonormal bases of one space; .1, our tolerance",
                which=which,
            )
            yield claim(
                "F11.dimensionality.{extreme}.p{density}",
                "At density {density}, the {which} dimensionality is {range}.",
                near(0.5, 0.05),
                partial(_dimensionality, extreme=extreme),
                source="theory: two orthonormal bases of one space; .05, our tolerance",
                which=which,
            )
        yield claim(
            "F11.inside.p{density}",
            "At density {density}, the products of different features of a set are {range} in size.",
            at_most(0.1),
            _inside,
            source=f"{SECTION}: each block is close to the identity; .1, our tolerance",
        )
    for p in SPARSE:
        yield make_claim(
            "F11.loss.p{density}",
            "At density {density}, the bases are rotated against each other: the ratio of the loss to"
            " that of antipodal pairs, 10 p²/3, is {range}.",
            at_most(1),
            _to_antipodal,
            source="theory: antipodal pairs across correlated sets; a prototype lost half as much at"
            " density .01, on plain samples, where both sets are on in 1 of 10,000",
            where={"density": p},
        )
    yield make_claim(
        "F11.inside.p{density}",
        "At density {density}, the features of a set are no longer orthogonal: the largest product of"
        " two of them is {range} in size.",
        at_least(0.1),
        _inside,
        source="a prototype: up to .27, on the way to principal components",
        where={"density": 0.2},
    )


CLAIMS = tuple(_claims())
