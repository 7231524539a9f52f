"""Claims of local almost-orthogonal bases: two correlated sets of ten in ten dimensions (F11)."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.claim import Claim
from superpos.verdicts.measures import column

SECTION = 'section "Correlated and Anticorrelated Features", local almost-orthogonal bases'
SPARSE = (0.05, 0.01)


def _gram(t: Tables) -> np.ndarray:
    W = column(t, "W")
    return W @ W.T


def _diagonal(t: Tables, extreme: Callable[[np.ndarray], float]) -> float:
    return float(extreme(_gram(t).diagonal()))


def _inside(t: Tables) -> float:
    """The largest |W_i . W_j| of different features of a set."""
    gram = _gram(t)
    return float(abs(gram[sets.within(len(gram), _sets(t))]).max())


def _across(t: Tables, extreme: Callable[[np.ndarray], float]) -> float:
    """sum_j (W_i . W_j)^2 over the other set, the least or greatest of the features."""
    gram = _gram(t)
    return float(extreme((gram**2 * sets.across(len(gram), _sets(t))).sum(1)))


@requires(metrics=("dimensionality",))
def _dimensionality(t: Tables, extreme: Callable[[np.ndarray], float]) -> float:
    return float(extreme(column(t, "dimensionality")))


def _to_antipodal(t: Tables) -> float:
    """Held-out loss over that of ten antipodal pairs across the sets, 10 p^2 / 3."""
    p, pairs = float(t.runs["density"].iloc[0]), int(t.runs["n_hidden"].iloc[0])
    return float(t.runs["loss"].iloc[0]) / (pairs * p**2 / 3)


def _sets(t: Tables) -> int:
    return int(t.runs["data_sets"].iloc[0])


def _claim(name: str, density: float, **fields: object) -> Claim:
    shared = {"figure": "F11", "experiments": ("F11",), "where": {"density": density}}
    return Claim(claim=f"F11.{name}.p{density:g}", **(shared | fields))  # type: ignore[arg-type]


def _all() -> Iterator[Claim]:
    for p in SPARSE:
        claim = partial(_claim, density=p)
        what = f"At density {p:g}"
        for name, extreme, word in (("min", np.min, "least"), ("max", np.max, "greatest")):
            yield claim(
                f"diagonal.{name}",
                statement=f"{what}, the {word} ||W_i||^2 is 1 within .05.",
                source=f"{SECTION}: each block is close to the identity; .05, our tolerance",
                measure=partial(_diagonal, extreme=extreme),
                low=0.95,
                high=1.05,
            )
            yield claim(
                f"across.{name}",
                statement=f"{what}, the {word} sum of squared products of a feature with the other"
                " set is 1 within .1.",
                source="theory: two orthonormal bases of one space; .1, our tolerance",
                measure=partial(_across, extreme=extreme),
                low=0.9,
                high=1.1,
            )
            yield claim(
                f"dimensionality.{name}",
                statement=f"{what}, the {word} dimensionality is 1/2, within .05.",
                source="theory: two orthonormal bases of one space; .05, our tolerance",
                measure=partial(_dimensionality, extreme=extreme),
                low=0.45,
                high=0.55,
            )
        yield claim(
            "inside",
            statement=f"{what}, different features of a set have products below .1.",
            source=f"{SECTION}: each block is close to the identity; .1, our tolerance",
            measure=_inside,
            low=0,
            high=0.1,
        )
    for p in SPARSE:
        yield _claim(
            "loss",
            p,
            statement=f"At density {p:g}, the bases are turned against one another: the loss is below"
            " that of antipodal pairs, 10 p^2 / 3.",
            source="theory: antipodal pairs across correlated sets; a prototype lost half as much at"
            " density .01, on plain samples, where both sets are on in 1 of 10,000",
            measure=_to_antipodal,
            low=0,
            high=1,
        )
    yield _claim(
        "inside",
        0.2,
        statement="At density .2, features of a set are no longer orthogonal: some product is above"
        " .1.",
        source="a prototype: up to .27, on the way to principal components",
        measure=_inside,
        low=0.1,
        high=np.inf,
    )


CLAIMS = tuple(_all())
