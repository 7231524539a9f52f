"""Claims about computation in superposition: |x| at n = 3, m = 6 (F17) and n = 100, m = 40 (F18)."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from superpos.config.needs import requires
from superpos.metrics import neurons
from superpos.papers.toy_models import recipe as notebook
from superpos.tables import Tables
from superpos.verdicts.accepted import (
    Range,
    at_most,
    between,
    counted,
    exactly,
    near_percent,
    positive,
    to_within,
)
from superpos.verdicts.claim import Claim, ModelGroup, Where, make_claim
from superpos.verdicts.correction import Correction
from superpos.verdicts.measures import best_loss_ratio, column
from superpos.verdicts.statement import Statement, listed

SECTION = 'section "Computation in Superposition"'
NEAR = 0.02
"""How far a rescaled weight may be from 1, -1 or 0 and still count as equal to it."""
NEURONS = 40
RECIPE: Where = notebook.settings(100, 40, 7)


class Strip(NamedTuple):
    """The counts in the figure's strip at one density, and the height of its largest stack."""

    mono: int
    slightly_poly: int
    poly: int
    top: float


STRIPS = {
    1.0: Strip(40, 0, 0, 1.0),
    0.3: Strip(40, 0, 0, 1.0),
    0.1: Strip(32, 8, 0, 1.3),
    0.03: Strip(22, 8, 10, 3.2),
    0.01: Strip(14, 11, 15, 4.5),
    0.003: Strip(24, 2, 14, 6.1),
    0.001: Strip(0, 0, 40, 8.0),
}
KINDS = {"mono": "monosemantic", "slightly_poly": "slightly polysemantic", "poly": "polysemantic"}
MEDIAN_HEIGHT = 5.7
"""The median height of the figure's stacks at density 0.001."""
HEIGHT_TOLERANCE = 30
"""In percent: how far a height of one model may be from the figure's model."""
ONE_HEIGHT = (
    f"all heights now have one tolerance, {HEIGHT_TOLERANCE}%. The same commit changed how these models"
    " are trained"
)
ONE_MODEL = f"our tolerance of {HEIGHT_TOLERANCE}% for one model"
SPARSE = (0.03, 0.01, 0.003)
"""The densities at which neurons of both kinds are compared."""
FEWEST = 2
"""The smallest tolerance of a count: the figure's tints were judged by eye."""
OLD_COUNTS: dict[str, dict[float, tuple[float, float]]] = {
    "mono": {1.0: (38, 40), 0.3: (38, 40), 0.1: (28, 36), 0.03: (15, 27), 0.01: (6, 20), 0.001: (0, 0)},
    "poly": {1.0: (0, 0), 0.3: (0, 0), 0.1: (0, 5), 0.001: (40, 40)},
}  # fmt: skip
"""The ranges of counts as they were before they all had one tolerance."""
ONE_TOLERANCE = (
    "the ranges lay around the counts of a prototype, not around the figure's, and their widths differed;"
    " now every range is the figure's count and two binomial standard deviations of a single model, at"
    " least 2. The same commit changed how these models are trained"
)

PLAIN = Statement(
    "F17.weights",
    "paper",
    "Without superposition, |x| takes two neurons a feature: one reads the feature with weight +1, the"
    " other with weight -1, and both write it with weight +1.",
)
EXACT = Statement(
    "F17.loss",
    "theory",
    "Six neurons can compute |x| of three features exactly, since |x| = ReLU(x) + ReLU(-x).",
)
COUNTS = Statement(
    "F18.counts",
    "paper",
    f"As features become sparser, {listed(strip.mono for strip in STRIPS.values())} of the {NEURONS} neurons"
    f" respond to a single feature; {listed(strip.slightly_poly for strip in STRIPS.values())} are slightly"
    " polysemantic, and the others are polysemantic.",
)
_DENSEST, *_BETWEEN, _SPARSEST = (strip.top for strip in STRIPS.values())
HEIGHTS = Statement(
    "F18.height",
    "paper",
    "As features become sparser, neurons respond to more features: the highest stack of weights grows from"
    f" {_DENSEST} over {listed(_BETWEEN, '.1f')} to {_SPARSEST:g}, and the median one reaches {MEDIAN_HEIGHT}"
    f" at density {min(STRIPS)}.",
)
RANKS = Statement(
    "F18.rank",
    "paper",
    "Where features are sparse, neurons of the most important features still tend to respond to a single"
    " feature, while others respond to several.",
)
NOT_AT_REST = Statement(
    "F18.unrested",
    "ours",
    f"At densities {listed(SPARSE)}, models trained by the authors' recipe are not at rest: longer"
    " training at a lower final rate at least halves the loss.",
)


def _rescaled(t: Tables) -> tuple[np.ndarray, np.ndarray]:
    return neurons.rescaled(column(t, "W"), column(t, "W_out"))


def signed_pairs(t: Tables) -> int:
    """How many features have a weight of 1 to one neuron, -1 to another and 0 to all others, within NEAR."""
    W, _ = _rescaled(t)
    counts = [(np.abs(W - level) <= NEAR).sum(axis=1) for level in (1, -1, 0)]
    return int(((counts[0] == 1) & (counts[1] == 1) & (counts[2] == W.shape[1] - 2)).sum())


def from_unit_outputs(t: Tables) -> float:
    """The largest distance of a rescaled output weight from 1 (for the neuron's own feature) or 0
    (others)."""
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
    """The mean importance rank of the largest features of polysemantic neurons, minus that of
    monosemantic ones."""
    return metric_of_run(t, "poly_rank") - metric_of_run(t, "mono_rank")


def tolerance(count: int) -> int:
    """Two binomial standard deviations of a count of neurons, but at least FEWEST."""
    return max(FEWEST, round(2 * math.sqrt(count * (1 - count / NEURONS))))


def _small() -> Iterator[Claim]:
    yield make_claim(
        "F17.loss",
        "The best model computes |x| almost exactly: its held-out loss is {range}.",
        at_most(1e-5),
        loss,
        of=EXACT,
        source="theory: an exact solution has a loss of 0; our tolerance of 1e-5",
    )
    yield make_claim(
        "F17.inputs",
        "{range} features are read by one neuron with weight +1, one with weight -1 and no other, to"
        " within {tolerance} after rescaling.",
        exactly(3),
        signed_pairs,
        of=PLAIN,
        source=f"{SECTION}: the figure's bars; our tolerance of 0.02",
        tolerance=NEAR,
    )
    yield make_claim(
        "F17.outputs",
        "Each neuron writes its own feature with weight +1 and no other feature, {range} after"
        " rescaling.",
        to_within(NEAR),
        from_unit_outputs,
        of=PLAIN,
        source=f"{SECTION}: the figure's bars; our tolerance of 0.02",
    )


def _strips(models: ModelGroup) -> Iterator[Claim]:
    """The claims about the figure's strips; the names and texts of those about the recipe say so."""
    recipe = models == "recipe"
    claim = partial(
        make_claim,
        figure="F18",
        experiments=("F18_recipe" if recipe else "F18",),
        models=models,
        recipe={"F18_recipe": RECIPE} if recipe else None,
        after="F18.recipe" if recipe else "F18",
        said="after the authors' recipe, " if recipe else "",
    )
    yield from _counts(claim, recipe)
    yield from _heights(claim, recipe)
    for density in SPARSE:
        yield claim(
            "{after}.rank.p{density}",
            "{said}at density {density}, important features stay monosemantic: the mean importance rank of"
            " polysemantic neurons' largest features, minus that of monosemantic ones, is {range}.",
            positive(),
            rank_difference,
            of=RANKS,
            source=f"{SECTION}: text",
            where={"density": density},
        )


def _counts(claim: Callable[..., Claim], recipe: bool) -> Iterator[Claim]:
    for density, strip in STRIPS.items():
        for kind, name in KINDS.items():
            count = getattr(strip, kind)
            accepted = counted(
                max(count - tolerance(count), 0), min(count + tolerance(count), NEURONS)
            )
            yield claim(
                "{after}.{kind}.p{density}",
                "{said}at density {density}, {range:of} the {neurons} neurons are {name}.",
                accepted,
                partial(metric_of_run, metric=f"{kind}_neurons"),
                of=COUNTS,
                source=f"{SECTION}: {count} tints counted in the figure; two binomial standard deviations"
                " of a single model, at least 2",
                where={"density": density},
                corrections=() if recipe else _corrected(kind, density, accepted),
                kind=kind,
                name=name,
                neurons=NEURONS,
            )


def _corrected(kind: str, density: float, accepted: Range) -> tuple[Correction, ...]:
    old = OLD_COUNTS.get(kind, {}).get(density)
    if old is None or old == (accepted.low, accepted.high):
        return ()
    return (Correction(old[0], old[1], ONE_TOLERANCE),)


def _heights(claim: Callable[..., Claim], recipe: bool) -> Iterator[Claim]:
    for density, strip in STRIPS.items():
        plain = strip.top == 1
        yield claim(
            "{after}.top.p{density}",
            "{said}at density {density}, the height of the highest stack is {range}.",
            between(1, neurons.SLIGHTLY_POLY)
            if plain
            else near_percent(strip.top, HEIGHT_TOLERANCE),
            partial(metric_of_run, metric="max_stack_height"),
            of=HEIGHTS,
            source=f"{SECTION}: {strip.top:.1f} in the figure; "
            + ("the height from which a neuron is slightly polysemantic" if plain else ONE_MODEL),
            where={"density": density},
        )
    yield claim(
        "{after}.height.p{density}",
        "{said}at density {density}, the median height of the stacks is {range}.",
        near_percent(MEDIAN_HEIGHT, HEIGHT_TOLERANCE),
        partial(metric_of_run, metric="median_stack_height"),
        of=HEIGHTS,
        source=f"{SECTION}: {MEDIAN_HEIGHT} in the figure; {ONE_MODEL}",
        where={"density": min(STRIPS)},
        corrections=() if recipe else (Correction(4, 9, ONE_HEIGHT),),
    )


def _unrested() -> Iterator[Claim]:
    for density in SPARSE:
        yield make_claim(
            "F18.unrested.p{density}",
            "At density {density}, the best loss after our longer training over that after the authors'"
            " recipe is {range}.",
            at_most(0.5),
            partial(best_loss_ratio, over="F18", under="F18_recipe"),
            of=NOT_AT_REST,
            source="ours: a factor of two",
            experiments=("F18", "F18_recipe"),
            where={"density": density},
            recipe={"F18_recipe": RECIPE},
        )


CLAIMS = (*_small(), *_strips("main"), *_strips("recipe"), *_unrested())
