"""Claims of the notebook that the project grew from: 10 features in 2 dimensions, .7^i, S = .99."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.verdicts.claim import Claim
from superpos.verdicts.measures import column, loss_to_linear, represented


@requires(metrics=("feature_norm", "superposition", "superposition_unnormalised"))
def _identity(t: Tables) -> float:
    """Largest relative departure of the notebook's superposition from ||W_i||^2 x the paper's."""
    ours = column(t, "superposition_unnormalised")
    product = column(t, "feature_norm") ** 2 * column(t, "superposition")
    return float((abs(ours - product) / np.maximum(ours, np.finfo(float).tiny)).max())


@requires(metrics=("feature_norm",))
def _leading_norm(t: Tables, extreme: str) -> float:
    return float(getattr(column(t, "feature_norm")[:4], extreme)())


def _loss_to_square(t: Tables) -> float:
    """Held-out loss over that of the four most important features as two antipodal pairs.

    v(p) sum_{i >= 4} I_i + p^2 / 6 sum_{i < 4} I_i.
    """
    importance, p = column(t, "importance"), column(t, "feature_density")[0]
    ignored, kept = importance[4:].sum(), importance[:4].sum()
    return float(t.runs["loss"].iloc[0] / (theory.variance(p) * ignored + p**2 / 6 * kept))


@requires(metrics=("dimensionality",))
def _dimensions(t: Tables) -> float:
    return float(column(t, "dimensionality").sum())


def _all() -> Iterator[Claim]:
    claim = partial(Claim, figure="seed_bars", experiments=("seed",))
    yield claim(
        "seed.identity",
        statement="The notebook's superposition, of un-normalised vectors, is the squared norm"
        " times the paper's, feature by feature.",
        source="theory: the definitions; the rounding of a few additions",
        measure=_identity,
        low=0,
        high=1e-9,
    )
    yield claim(
        "seed.loss.linear",
        statement="The held-out loss is no more than the best linear model's.",
        source="theory: v(p) times the importance beyond the first 2",
        measure=loss_to_linear,
        low=0,
        high=1,
    )
    yield claim(
        "seed.loss.square",
        statement="The held-out loss is at most 1.05 times that of two antipodal pairs of the four"
        " most important features, so superposition is put to use.",
        source="theory: antipodal pairs, importance times p^2/6 each; 5 %, our tolerance for a"
        " fixed training set of 10,000 samples",
        measure=_loss_to_square,
        low=0,
        high=1.05,
    )
    yield claim(
        "seed.represented",
        statement="At least 4 of the 10 features have a norm above .5: more than the 2 dimensions.",
        source="theory: antipodal pairs pay below density 4/7",
        measure=represented,
        low=4,
        high=10,
    )
    for extreme, least in (("min", "least"), ("max", "greatest")):
        yield claim(
            f"seed.norm.{extreme}",
            statement=f"The {least} norm of the four most important features is in .95 to 1.27.",
            source="theory: one active feature is answered well where ||W_i||^2 + b_i = 1, and"
            " biases of -.5 to 0 put the norm in 1 to 1.22; .05, our tolerance",
            measure=partial(_leading_norm, extreme=extreme),
            low=0.95,
            high=1.27,
        )
    yield claim(
        "seed.dimensions",
        figure="seed_arrows",
        statement="The dimensionalities of the features sum to at most the 2 dimensions.",
        source="theory: the sum is at most the rank (Cauchy and Schwarz); the rest is rounding",
        measure=_dimensions,
        low=0,
        high=2 + 1e-9,
    )


CLAIMS = tuple(_all())
