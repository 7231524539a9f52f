"""Claims about the notebook that the project grew from: 10 features in 2 dimensions, 0.7^i, S = 0.99."""

from collections.abc import Iterator
from functools import partial

from superpos import theory
from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, between
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.measures import EXTREMES, column, loss_to_linear, represented
from superpos.verdicts.statement import Statement

SUPERPOSITION = Statement(
    "seed.superposition",
    "theory",
    "The notebook's model represents more features than it has dimensions, and so loses less than any"
    " linear model and no more than two antipodal pairs.",
)
NORMS = Statement(
    "seed.norms",
    "theory",
    "The notebook's model gives an important feature the norm at which it answers well when it is the only"
    " active one: ‖W_i‖² + b_i is about 1.",
)


@requires(metrics=("feature_norm",))
def _leading_norm(t: Tables, extreme: str) -> float:
    """The smallest or largest norm among the four most important features."""
    return float(getattr(column(t, "feature_norm")[:4], extreme)())


def _loss_to_square(t: Tables) -> float:
    """The held-out loss divided by that of the four most important features as two antipodal pairs.

    v(p) sum_{i >= 4} I_i + p² / 6 sum_{i < 4} I_i.
    """
    importance, p = column(t, "importance"), column(t, "feature_density")[0]
    ignored, kept = importance[4:].sum(), importance[:4].sum()
    return float(t.runs["loss"].iloc[0] / (theory.variance(p) * ignored + p**2 / 6 * kept))


def _claims() -> Iterator[Claim]:
    claim = partial(make_claim, figure="seed_bars", experiments=("seed",))
    used = partial(claim, of=SUPERPOSITION)
    yield used(
        "seed.loss.linear",
        "The ratio of the held-out loss to that of the best linear model is {range}.",
        at_most(1.0),
        loss_to_linear,
        source="theory: v(p) times the importance beyond the first 2",
    )
    yield used(
        "seed.loss.square",
        "The held-out loss is {range} times that of two antipodal pairs made of the four most important"
        " features.",
        at_most(1.05),
        _loss_to_square,
        source="theory: each feature of an antipodal pair loses its importance times p²/6; 5%, our"
        " tolerance for a fixed training set of 10,000 samples",
    )
    yield used(
        "seed.represented",
        "{range} of the 10 features have a norm above {above}.",
        at_least(4, high=10),
        represented,
        source="theory: antipodal pairs pay below density 4/7",
    )
    for extreme, which in EXTREMES.items():
        yield claim(
            "seed.norm.{extreme}",
            "The {which} norm among the four most important features is {range}.",
            between(0.95, 1.27),
            partial(_leading_norm, extreme=extreme),
            of=NORMS,
            source="theory: ‖W_i‖² + b_i = 1, and biases of -0.5 to 0 give norms of 1 to 1.22; 0.05, our"
            " tolerance",
            which=which,
        )


CLAIMS = tuple(_claims())
