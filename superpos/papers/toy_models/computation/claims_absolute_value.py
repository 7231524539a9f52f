"""Claims of computation in superposition: |x| at n = 3, m = 6 (F17) and n = 100, m = 40 (F18)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.metrics import neurons
from superpos.tables import Tables
from superpos.verdicts.claim import Claim
from superpos.verdicts.measures import best_loss_ratio, column

SECTION = 'section "Computation in Superposition"'
NEAR = 0.02
RESTED = {"optimizer.lr": 0.003, "optimizer.eps": 1e-8}
"""The lower rate and eps, which the claims of F18_rested are about."""

MONO = {1.0: (38, 40), 0.3: (38, 40), 0.1: (28, 36), 0.03: (15, 27), 0.01: (6, 20), 0.001: (0, 0)}
POLY = {1.0: (0, 0), 0.3: (0, 0), 0.1: (0, 5), 0.001: (40, 40)}
"""Density: the least and the most neurons of the kind."""


def _rescaled(t: Tables) -> tuple[np.ndarray, np.ndarray]:
    return neurons.rescaled(column(t, "W"), column(t, "W_out"))


def signed_pairs(t: Tables) -> int:
    """How many features have one neuron at 1 and one at -1 within .02, and within .02 of 0 else."""
    W, _ = _rescaled(t)
    counts = [(np.abs(W - level) <= NEAR).sum(axis=1) for level in (1, -1, 0)]
    return int(((counts[0] == 1) & (counts[1] == 1) & (counts[2] == W.shape[1] - 2)).sum())


def from_unit_outputs(t: Tables) -> float:
    """Largest distance of a rescaled output weight from 1 for its neuron's own feature, 0 else."""
    W, V = _rescaled(t)
    own = np.arange(len(W))[:, None] == neurons.largest_feature(W)
    return float(np.abs(V - own).max())


def loss(t: Tables) -> float:
    """Held-out loss of one run."""
    return float(t.runs["loss"].iloc[0])


def of_run(t: Tables, metric: str) -> float:
    """A metric of one run."""
    return float(t.runs[metric].iloc[0])


@requires(metrics=("mono_rank", "poly_rank"))
def rank_difference(t: Tables) -> float:
    """Mean importance rank of the polysemantic neurons' largest feature less the mono neurons'."""
    return of_run(t, "poly_rank") - of_run(t, "mono_rank")


def _small() -> Iterator[Claim]:
    claim = partial(Claim, figure="F17", experiments=("F17",))
    yield claim(
        "F17.loss",
        statement="The best of 8 models computes |x| exactly: its held-out loss is below 1e-5.",
        source=f"{SECTION}: without superposition two neurons a feature suffice; 1e-5, our"
        " tolerance",
        measure=loss,
        low=0,
        high=1e-5,
    )
    yield claim(
        "F17.inputs",
        statement="Each of the 3 features has one neuron with weight +1 and one with -1, and no"
        " other, within .02 after rescaling.",
        source=f"{SECTION}: the figure's bars; .02, our tolerance",
        measure=signed_pairs,
        low=3,
        high=3,
    )
    yield claim(
        "F17.outputs",
        statement="Each neuron writes its own feature with weight +1 and no other, within .02 after"
        " rescaling.",
        source=f"{SECTION}: the figure's bars; .02, our tolerance",
        measure=from_unit_outputs,
        low=0,
        high=NEAR,
    )


def _counts() -> Iterator[Claim]:
    source = f"{SECTION}: tints counted in the figure; the range, our tolerance for one model"
    for kind, words, ranges in (("mono", "mono", MONO), ("poly", "poly", POLY)):
        for density, (low, high) in ranges.items():
            span = f"{low}" if low == high else f"{low} to {high}"
            yield Claim(
                f"F18.{kind}.p{density:g}",
                figure="F18",
                experiments=("F18",),
                where={"density": density},
                statement=f"At density {density:g}, {span} of the 40 neurons are {words}semantic.",
                source=source,
                measure=partial(of_run, metric=f"{kind}_neurons"),
                low=low,
                high=high,
            )


def _large() -> Iterator[Claim]:
    yield from _counts()
    for density in (0.03, 0.01, 0.003):
        yield Claim(
            f"F18.rank.p{density:g}",
            figure="F18",
            experiments=("F18",),
            where={"density": density},
            statement=f"At density {density:g}, important features stay monosemantic: the mean"
            " importance rank of the monosemantic neurons is nearer the top than the"
            " polysemantic ones'.",
            source=f"{SECTION}: text",
            measure=rank_difference,
            low=np.nextafter(0, 1),
            high=np.inf,
        )
    yield Claim(
        "F18.height.p0.001",
        figure="F18",
        experiments=("F18",),
        where={"density": 0.001},
        statement="At density 0.001, the median height of the stacks is in 4 to 9.",
        source=f"{SECTION}: 5.7 in the figure; the range, our tolerance",
        measure=partial(of_run, metric="median_stack_height"),
        low=4,
        high=9,
    )


def _rested() -> Iterator[Claim]:
    """The printed counts at two sparse densities are those of models that are not at rest."""
    for density, printed in ((0.01, 15), (0.003, 14)):
        claim = partial(
            Claim, figure="F18", where={"density": density}, recipe={"F18_rested": RESTED}
        )
        yield claim(
            f"F18.rested.loss.p{density:g}",
            experiments=("F18", "F18_rested"),
            statement=f"At density {density:g}, runs trained with a lower rate and eps lose at most"
            " half of what the runs with the figure's counts lose.",
            source="ours: the best of either, by a factor of two",
            measure=partial(best_loss_ratio, over="F18_rested", under="F18"),
            low=0,
            high=0.5,
        )
        yield claim(
            f"F18.rested.poly.p{density:g}",
            experiments=("F18_rested",),
            statement=f"In the best of those, more than half of the 40 neurons are polysemantic:"
            f" {printed} are in the figure.",
            source="ours: a majority, beside the count in the figure",
            measure=partial(of_run, metric="poly_neurons"),
            low=21,
            high=40,
        )


CLAIMS = (*_small(), *_large(), *_rested())
