"""Claims of computation in superposition: |x| at n = 3, m = 6 (F17) and n = 100, m = 40 (F18)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.metrics import neurons
from superpos.tables import Tables
from superpos.verdicts.accepted import (
    at_least,
    at_most,
    between,
    counted,
    exactly,
    positive,
    within,
)
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.measures import best_loss_ratio, column

SECTION = 'section "Computation in Superposition"'
NEAR = 0.02
"""How far a rescaled weight may be from 1, -1 or 0 to count as that."""
NEURONS = 40
RESTED = {"optimizer.lr": 0.003, "optimizer.eps": 1e-8}
"""The lower rate and eps that the claims about F18_rested are about."""

MONO = {1.0: (38, 40), 0.3: (38, 40), 0.1: (28, 36), 0.03: (15, 27), 0.01: (6, 20), 0.001: (0, 0)}
POLY = {1.0: (0, 0), 0.3: (0, 0), 0.1: (0, 5), 0.001: (40, 40)}
"""By density: the smallest and the largest accepted number of neurons of the kind."""


def _rescaled(t: Tables) -> tuple[np.ndarray, np.ndarray]:
    return neurons.rescaled(column(t, "W"), column(t, "W_out"))


def signed_pairs(t: Tables) -> int:
    """How many features have one neuron at 1, one at -1 and all others at 0, to within NEAR."""
    W, _ = _rescaled(t)
    counts = [(np.abs(W - level) <= NEAR).sum(axis=1) for level in (1, -1, 0)]
    return int(((counts[0] == 1) & (counts[1] == 1) & (counts[2] == W.shape[1] - 2)).sum())


def from_unit_outputs(t: Tables) -> float:
    """The largest distance of a rescaled output weight from 1 for its neuron's own feature, else from 0."""
    W, V = _rescaled(t)
    own = np.arange(len(W))[:, None] == neurons.largest_feature(W)
    return float(np.abs(V - own).max())


def loss(t: Tables) -> float:
    """The held-out loss of one run."""
    return float(t.runs["loss"].iloc[0])


def metric_of_run(t: Tables, metric: str) -> float:
    """A metric of one run."""
    return float(t.runs[metric].iloc[0])


@requires(metrics=("mono_rank", "poly_rank"))
def rank_difference(t: Tables) -> float:
    """The mean importance rank of polysemantic neurons' largest features, minus monosemantic ones'."""
    return metric_of_run(t, "poly_rank") - metric_of_run(t, "mono_rank")


def _small() -> Iterator[Claim]:
    yield make_claim(
        "F17.loss",
        "The best of 8 models computes |x| exactly: its held-out loss is {range}.",
        at_most(1e-5),
        loss,
        source=f"{SECTION}: without superposition two neurons a feature suffice; 1e-5, our"
        " tolerance",
    )
    yield make_claim(
        "F17.inputs",
        "{range} features are read by one neuron with weight +1, one with weight -1 and no other, to"
        " within {tolerance} after rescaling.",
        exactly(3),
        signed_pairs,
        source=f"{SECTION}: the figure's bars; .02, our tolerance",
        tolerance=NEAR,
    )
    yield make_claim(
        "F17.outputs",
        "Each neuron writes its own feature with weight +1 and no other feature, {range} after"
        " rescaling.",
        within(NEAR),
        from_unit_outputs,
        source=f"{SECTION}: the figure's bars; .02, our tolerance",
    )


def _counts() -> Iterator[Claim]:
    source = f"{SECTION}: tints counted in the figure; the range, our tolerance for one model"
    for kind, ranges in (("mono", MONO), ("poly", POLY)):
        for density, (low, high) in ranges.items():
            yield make_claim(
                "F18.{kind}.p{density}",
                "At density {density}, {range:of} the {neurons} neurons are {kind}semantic.",
                counted(low, high),
                partial(metric_of_run, metric=f"{kind}_neurons"),
                source=source,
                where={"density": density},
                kind=kind,
                neurons=NEURONS,
            )


def _large() -> Iterator[Claim]:
    yield from _counts()
    for density in (0.03, 0.01, 0.003):
        yield make_claim(
            "F18.rank.p{density}",
            "At density {density}, important features stay monosemantic: the mean importance rank of"
            " polysemantic neurons' largest features, minus that of monosemantic ones, is {range}.",
            positive(),
            rank_difference,
            source=f"{SECTION}: text",
            where={"density": density},
        )
    yield make_claim(
        "F18.height.p{density}",
        "At density {density}, the median height of the stacks is {range}.",
        between(4, 9),
        partial(metric_of_run, metric="median_stack_height"),
        source=f"{SECTION}: 5.7 in the figure; the range, our tolerance",
        where={"density": 0.001},
    )


def _rested() -> Iterator[Claim]:
    """The printed counts at two sparse densities are those of models that are not at rest."""
    for density, printed in ((0.01, 15), (0.003, 14)):
        claim = partial(
            make_claim, figure="F18", where={"density": density}, recipe={"F18_rested": RESTED}
        )
        yield claim(
            "F18.rested.loss.p{density}",
            "At density {density}, runs trained with a lower rate and eps lose {range} times what the"
            " runs with the figure's counts lose.",
            at_most(0.5),
            partial(best_loss_ratio, over="F18_rested", under="F18"),
            source="ours: the best of either, by a factor of two",
            experiments=("F18", "F18_rested"),
        )
        yield claim(
            "F18.rested.poly.p{density}",
            "At density {density}, {range:of} the {neurons} neurons of the best run trained with a lower"
            " rate and eps are polysemantic, which is a majority; the figure has {printed}.",
            at_least(NEURONS // 2 + 1, high=NEURONS),
            partial(metric_of_run, metric="poly_neurons"),
            source="ours: a majority, beside the count in the figure",
            experiments=("F18_rested",),
            neurons=NEURONS,
            printed=printed,
        )


CLAIMS = (*_small(), *_large(), *_rested())
