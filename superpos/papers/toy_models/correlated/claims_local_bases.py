"""Claims about local almost-orthogonal bases: two correlated sets of ten in ten dimensions (F11)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.accepted import at_most, near
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import Correction
from superpos.verdicts.measures import EXTREMES, column
from superpos.verdicts.statement import Statement

SECTION = 'section "Correlated and Anticorrelated Features", local almost-orthogonal bases'
SPARSE = (0.05, 0.01)
DENSE = 0.2

BASES = Statement(
    "F11.bases",
    "paper",
    "A model of two correlated sets of ten features in ten dimensions represents the features of each set"
    " orthogonally, so that each set has an orthonormal basis of its own. The paper gives no density.",
)
SHARED = Statement(
    "F11.shared",
    "theory",
    "If two sets of ten features have an orthonormal basis of the same ten dimensions each, the squared"
    " inner products of a feature with the other set sum to 1, and its dimensionality is 1/2.",
)
NEGATION = Correction(
    0.1,
    np.inf,
    "the claim was the negation of the paper's statement, with a prototype's number. The paper says that the"
    " features are orthogonal and gives no density.",
)


def _gram(t: Tables) -> np.ndarray:
    """W_i . W_j [feature, feature] of the run."""
    W = column(t, "W")
    return np.asarray(W @ W.T)


def _diagonal(t: Tables, extreme: str) -> float:
    """The smallest or largest (`extreme`: min, max) ‖W_i‖²."""
    return float(getattr(_gram(t).diagonal(), extreme)())


def _inside(t: Tables) -> float:
    """The largest |W_i . W_j| of different features of a set."""
    gram = _gram(t)
    return float(abs(gram[sets.within(len(gram), _sets(t))]).max())


def _across(t: Tables, extreme: str) -> float:
    """The smallest or largest value among the features of sum_j (W_i . W_j)^2, for j in the other set."""
    gram = _gram(t)
    return float(getattr((gram**2 * sets.across(len(gram), _sets(t))).sum(1), extreme)())


@requires(metrics=("dimensionality",))
def _dimensionality(t: Tables, extreme: str) -> float:
    """The smallest or largest dimensionality of a feature."""
    return float(getattr(column(t, "dimensionality"), extreme)())


def _sets(t: Tables) -> int:
    return int(t.runs["data_sets"].iloc[0])


def _claims() -> Iterator[Claim]:
    for p in (*SPARSE, DENSE):
        yield make_claim(
            "F11.inside.p{density}",
            "At density {density}, the largest |W_i·W_j| of two features of one set is {range}.",
            at_most(0.1),
            _inside,
            of=BASES,
            source=f"{SECTION}: each block is close to the identity; 0.1, our tolerance",
            where={"density": p},
            corrections=(NEGATION,) if p == DENSE else (),
        )
    for p in SPARSE:
        claim = partial(make_claim, where={"density": p})
        for extreme, which in EXTREMES.items():
            yield claim(
                "F11.diagonal.{extreme}.p{density}",
                "At density {density}, the {which} ‖W_i‖² is {range}.",
                near(1, 0.05),
                partial(_diagonal, extreme=extreme),
                of=BASES,
                source=f"{SECTION}: each block is close to the identity; 0.05, our tolerance",
                which=which,
            )
            yield claim(
                "F11.across.{extreme}.p{density}",
                "At density {density}, the {which} sum of a feature's squared inner products with the"
                " other set is {range}.",
                near(1, 0.1),
                partial(_across, extreme=extreme),
                of=SHARED,
                source="theory: two orthonormal bases of one space; 0.1, our tolerance",
                which=which,
            )
            yield claim(
                "F11.dimensionality.{extreme}.p{density}",
                "At density {density}, the {which} dimensionality is {range}.",
                near(0.5, 0.05),
                partial(_dimensionality, extreme=extreme),
                of=SHARED,
                source="theory: two orthonormal bases of one space; 0.05, our tolerance",
                which=which,
            )


CLAIMS = tuple(_claims())
