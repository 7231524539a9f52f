"""Claims of the notebook that the project grew from: 10 features in 2 dimensions, 0.7^i, S = 0.99."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, between
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.measures import EXTREMES, column, loss_to_linear, represented


@requires(metrics=("feature_norm", "superposition", "superposition_unnormalised"))
def _identity(t: Tables) -> float:
    """The largest relative departure of the notebook's superposition from ||W_i||^2 x the paper's."""
    ours = column(t, "superposition_unnormalised")
    product = column(t, "feature_norm") ** 2 * column(t, "superposition")
    return float((abs(ours - product) / np.maximum(ours, np.finfo(float).tiny)).max())


@requires(metrics=("feature_norm",))
def _leading_norm(t: Tables, extreme: str) -> float:
    """The smallest or largest norm among the four most important features."""
    return float(getattr(column(t, "feature_norm")[:4], extreme)())


def _loss_to_square(t: Tables) -> float:
    """The held-out loss over that of the four most important features as two antipodal pairs.

    v(p) sum_{i >= 4} I_i + p^2 / 6 sum_{i < 4} I_i.
    """
    importance, p = column(t, "importance"), column(t, "feature_density")[0]
    ignored, kept = importance[4:].sum(), importance[:4].sum()
    return float(t.runs["loss"].iloc[0] / (theory.variance(p) * ignored + p**2 / 6 * kept))


@requires(metrics=("dimensionality",))
def _dimensions(t: Tables) -> float:
    """The sum of the features' dimensionalities."""
    return float(column(t, "dimensionality").sum())


def _claims() -> Iterator[Claim]:
    claim = partial(make_claim, figure="seed_bars", experiments=("seed",))
    yield claim(
        "seed.identity",
        "Feature by feature, the notebook's superposition, of vectors that are not normalised, is the"
        " squared norm times the paper's: their relative difference is {range}.",
        at_most(1e-9),
        _identity,
        source="theory: the definitions; the rounding of a few additions",
    )
    yield claim(
        "seed.loss.linear",
        "The ratio of the held-out loss to that of the best linear model is {range}.",
        at_most(1.0),
        loss_to_linear,
        source="theory: v(p) times the importance beyond the first 2",
    )
    yield claim(
        "seed.loss.square",
        "The model makes use of superposition: its held-out loss is {range} times that of two antipodal"
        " pairs of the four most important features.",
        at_most(1.05),
        _loss_to_square,
        source="theory: antipodal pairs, importance times p^2/6 each; 5 %, our tolerance for a"
        " fixed training set of 10,000 samples",
    )
    yield claim(
        "seed.represented",
        "{range} of the 10 features have a norm above {above}, which is more than there are dimensions.",
        at_least(4, high=10),
        represented,
        source="theory: antipodal pairs pay below density 4/7",
    )
    for extreme, which in EXTREMES.items():
        yield claim(
            "seed.norm.{extreme}",
            "The {which} norm among the four most important features lies {range}.",
            between(0.95, 1.27),
            partial(_leading_norm, extreme=extreme),
            source="theory: one active feature is answered well where ||W_i||^2 + b_i = 1, and"
            " biases of -.5 to 0 put the norm in 1 to 1.22; .05, our tolerance",
            which=which,
        )
    yield claim(
        "seed.dimensions",
        "The dimensionalities of the features sum to {range}, the number of dimensions.",
        at_most(2 + 1e-9),
        _dimensions,
        source="theory: the sum is at most the rank (Cauchy and Schwarz); the rest is rounding",
        figure="seed_arrows",
    )


CLAIMS = tuple(_claims())
