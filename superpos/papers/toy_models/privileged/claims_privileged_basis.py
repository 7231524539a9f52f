"""Claims of the privileged basis, n = 10, m = 5, ReLU hidden (F16)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.metrics import neurons
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, exactly, near
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.measures import REPRESENTED, column, loss_to_linear, represented

SECTION = 'section "Superposition in a Privileged Basis"'
REGIMES = {
    1.0: (5, 5),
    0.63: (5, 5),
    0.4: (3, 6),
    0.32: (3, 6),
    0.25: (3, 6),
    0.15: (2, 7),
    0.12: (1, 7),
    0.063: (0, 8),
    0.03: (0, 10),
}
"""By density: the neurons of a single feature and the represented features in the paper's regimes.

DEVIATION: the paper's figure states ranges of density. Each claim is about a density well inside a
range, since two solutions tie near its ends, and which of them is best says nothing.
"""
TIED = 0.12
"""The density of the figure at which two arrangements are nearest to a tie."""
STRIP = {5: 4, 3: 4, 2: 1, 1: 1, 0: 4}
"""How many of the strip's models have so many neurons of a single feature."""
STRIP_LENGTH, STRIP_END = 14, 0.05
"""How many densities the strip has, and the smallest of them."""
EXPERIMENTS = ("F16", "F16_dense")
NEURONS, FEATURES = 5, 10


@requires(metrics=("single_feature_neurons",))
def clean_neurons(t: Tables) -> int:
    """How many neurons of one run fire on a single feature."""
    return int(t.runs["single_feature_neurons"].iloc[0])


def strip(t: Tables) -> list[int]:
    """The number of neurons that fire on a single feature along the strip, from dense to sparse."""
    density, count = (t.runs[name].to_numpy() for name in ("density", "single_feature_neurons"))
    order = density.argsort(kind="stable")[::-1]
    kept = order[density[order] > STRIP_END * (1 - 1e-6)]
    return [int(each) for each in count[kept]]


@requires(metrics=("single_feature_neurons",))
def bars(t: Tables, clean: int) -> int:
    """How many densities of the strip have exactly so many neurons of a single feature."""
    return strip(t).count(clean)


@requires(metrics=("single_feature_neurons",))
def strip_rises(t: Tables) -> int:
    """How often that number rises from a density to the next sparser one."""
    return int((np.diff(strip(t)) > 0).sum())


def features_as_pairs(t: Tables) -> int:
    """How many features have exactly two weights above half of their largest weight."""
    return int((neurons.main_entries(column(t, "W")).sum(axis=1) == 2).sum())


def distinct_pairs(t: Tables) -> int:
    """How many different pairs of neurons the features with two large weights have."""
    entries = neurons.main_entries(column(t, "W"))
    return len({tuple(np.flatnonzero(row)) for row in entries if row.sum() == 2})


def shared_plane(t: Tables) -> np.ndarray:
    """The weights [feature, 2] into the two neurons that share features, if these weights are large."""
    W = column(t, "W")
    plane = W[:, ~neurons.single_feature(W)]
    if plane.shape[1] != 2:
        return np.zeros((0, 2))
    return np.asarray(plane[(plane**2).sum(axis=1) > REPRESENTED**2])


def sign_patterns(t: Tables) -> int:
    """How many of the signs (1, 1), (1, -1) and (-1, 1) exactly one feature of the shared neurons has."""
    signs = [tuple(row) for row in np.sign(shared_plane(t)).astype(int).tolist()]
    return sum(signs.count(pattern) == 1 for pattern in ((1, 1), (1, -1), (-1, 1)))


def cosines(t: Tables) -> np.ndarray:
    """The cosines among the three features of the shared neurons, ascending; NaN if there are not three."""
    W = shared_plane(t)
    if len(W) != 3:
        return np.full(3, np.nan)
    unit = W / np.sqrt((W**2).sum(axis=1, keepdims=True))
    return np.sort((unit[:, None] * unit).sum(2)[np.triu_indices(3, 1)])


def antipodal_cosine(t: Tables) -> float:
    """The cosine of the two features that are most opposed."""
    return float(cosines(t)[0])


def largest_other_cosine(t: Tables) -> float:
    """The larger |cosine| of the third feature with either of these."""
    return float(np.abs(cosines(t)[1:]).max())


def median_gaps(t: Tables) -> np.ndarray:
    """The restarts' median held-out loss over their best [density]; NaN if the best is left out."""
    best = t.runs[t.runs["rank"] == 0].set_index("density")["loss"]
    return np.asarray(t.runs.groupby("density")["loss"].median() / best, float)


def _gap(t: Tables, extreme: str) -> float:
    """The smallest or largest of these ratios."""
    return float(getattr(median_gaps(t), extreme)())


@requires(metrics=("single_feature_neurons", "represented"))
def _loss_as_shown(t: Tables, clean: int, kept: int) -> float:
    """The smallest loss of the runs with such a count of neurons and features, over the smallest of all."""
    shown = (t.runs["single_feature_neurons"] == clean) & (t.runs["represented"] == kept)
    return float(t.runs.loc[shown, "loss"].min() / t.runs["loss"].min())


def _regimes() -> Iterator[Claim]:
    for density, (clean, kept) in REGIMES.items():
        claim = partial(
            make_claim,
            experiments=EXPERIMENTS,
            where={"density": density},
            source=f"{SECTION}: counted in the figure of the six regimes",
        )
        yield claim(
            "F16.mono.p{density}",
            "At density {density}, {range.low} of the {neurons} neurons fire on a single feature.",
            exactly(clean),
            clean_neurons,
            neurons=NEURONS,
        )
        yield claim(
            "F16.represented.p{density}",
            "At density {density}, {range.low} of the {features} features have a norm above {above}.",
            exactly(kept),
            represented,
            features=FEATURES,
        )
    clean, kept = REGIMES[TIED]
    yield make_claim(
        "F16.tie.p{density}",
        "At density {density}, the best run with the figure's arrangement, {clean} neuron of a single"
        " feature and {kept} represented features, nearly ties with the best of all: the ratio of their"
        " losses is {range}.",
        at_most(1.01, low=1),
        partial(_loss_as_shown, clean=clean, kept=kept),
        source="ours: whether the figure's arrangement ties with the one of least loss",
        experiments=EXPERIMENTS,
        where={"density": TIED},
        over="all",
    )


def _strip() -> Iterator[Claim]:
    claim = partial(make_claim, experiments=EXPERIMENTS)
    for clean, count in STRIP.items():
        yield claim(
            "F16.strip.mono{clean}",
            "In the strip of {length} densities, the number of models with {clean} neurons that fire on a"
            " single feature is {range.low}.",
            exactly(count),
            partial(bars, clean=clean),
            source=f"{SECTION}: counted in the figure's strip",
            length=STRIP_LENGTH,
        )
    yield claim(
        "F16.strip.monotone",
        "Along the strip, from dense to sparse, the number of neurons that fire on a single feature never"
        " rises: {range} step goes the other way.",
        exactly(0),
        strip_rises,
        source=f"{SECTION}: the figure's strip",
    )


def _pairs() -> Iterator[Claim]:
    claim = partial(
        make_claim,
        experiments=EXPERIMENTS,
        where={"density": 0.03},
        source=f"{SECTION}: text, and the figure's last regime",
    )
    yield claim(
        "F16.pairs.features",
        "At density {density}, {range.low} of the {features} features are pairs of neurons: exactly two"
        " of their weights are above half of their largest weight.",
        exactly(10),
        features_as_pairs,
        features=FEATURES,
    )
    yield claim(
        "F16.pairs.distinct",
        "At density {density}, the features use {range.low} different pairs of neurons, which is every"
        " pair of the {neurons} neurons.",
        exactly(10),
        distinct_pairs,
        neurons=NEURONS,
    )


def _triple() -> Iterator[Claim]:
    claim = partial(
        make_claim,
        experiments=EXPERIMENTS,
        where={"density": 0.32},
        source=f"{SECTION}: text; .1, our tolerance",
    )
    yield claim(
        "F16.triple.signs",
        "At density {density}, two neurons code {range} features, with weights of the signs (1, 1),"
        " (1, -1) and (-1, 1).",
        exactly(3),
        sign_patterns,
        source=f"{SECTION}: text",
    )
    yield claim(
        "F16.triple.antipodal",
        "At density {density}, two of the three features that two neurons code are antipodal: their"
        " cosine is {range}.",
        at_most(-0.9, low=-1),
        antipodal_cosine,
    )
    yield claim(
        "F16.triple.orthogonal",
        "At density {density}, the third of these features is orthogonal to both others: its |cosine|"
        " with either is {range}.",
        at_most(0.1),
        largest_other_cosine,
    )


def _losses() -> Iterator[Claim]:
    yield make_claim(
        "F16.loss.p{density}",
        "At density {density}, the ratio of the held-out loss to that of the best linear model is"
        " {range}.",
        near(1, 0.005),
        loss_to_linear,
        source="theory: v(p) times the importance beyond the first 5; .5 %, our tolerance",
        experiments=EXPERIMENTS,
        where={"density": 1.0},
    )
    claim = partial(
        make_claim,
        experiments=EXPERIMENTS,
        over="all",
        source="a prototype with 40 restarts at 8 densities, since the paper trains 1000 models a density"
        " because single ones are poor",
    )
    yield claim(
        "F16.gap.least",
        "At every density, the ratio of the restarts' median loss to their best is {range}.",
        at_least(1.03),
        partial(_gap, extreme="min"),
    )
    yield claim(
        "F16.gap.greatest",
        "At every density, the ratio of the restarts' median loss to their best is {range}.",
        at_most(1.18, low=1),
        partial(_gap, extreme="max"),
    )


CLAIMS = (*_regimes(), *_strip(), *_triple(), *_pairs(), *_losses())
