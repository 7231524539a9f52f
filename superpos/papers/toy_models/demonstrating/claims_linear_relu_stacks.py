"""Claims of the linear and ReLU stacks, n = 20, m = 5 (F3), n = 80, m = 20 (F4), and of F2."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, counted, exactly, near, within
from superpos.verdicts.claim import Claim, Values, make_claim
from superpos.verdicts.measures import (
    DEDICATED_NORM,
    DEDICATED_SUPERPOSITION,
    backward_steps,
    best_loss_ratio,
    bias_to_mean,
    dedicated,
    exact_linear_loss_to_optimum,
    from_antipodal,
    from_projection,
    inversions,
    loss_to_linear,
    represented,
    unrepresented_bias,
)

DENSITIES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
SMALL = dict(zip(DENSITIES, (5, 7, 9, 10, 12, 13, 13), strict=True))
LARGE = dict(zip(DENSITIES, (20, 26, 32, 41, 49, 55, 57), strict=True))
DEDICATED = dict(
    zip(DENSITIES, ((5, 5), (2, 4), (0, 2), (0, 0), (0, 0), (0, 0), (0, 0)), strict=True)
)
"""Represented features of F3 and F4, and the range of dedicated features of F3, by density."""
EARLY: Values = {"init.std": 0.01, "optimizer.lr": 0.001, "schedule": "constant"}
"""The start near zero and the notebook's rate that the claims about F4_early are about."""
DENSE = 0.03
"""The smallest density at which the figure's biases are positive."""
SECTION = 'section "Demonstrating Superposition", basic results'
THEORY = "theory: the linear model's optimum, v(p) times the importance beyond the first m"


def _at_density(
    figure: str, experiment: str, density: float, count: int, off: int
) -> Iterator[Claim]:
    """The claims about the ReLU model at one density."""
    claim = partial(
        make_claim,
        figure=figure,
        experiments=(experiment,),
        where={"model": "relu_output", "density": density},
    )
    yield claim(
        "{figure}.represented.p{density}",
        "At density {density}, {range} features have a norm above {above}.",
        counted(count - off, count + off),
        represented,
        source=f"{SECTION}: counted in the figure; within {off}, our tolerance for reading it",
    )
    yield _bias(claim, density)
    yield claim(
        "{figure}.loss.p{density}",
        "At density {density}, the ReLU model loses no more than the best linear model: the ratio of"
        " their losses is {range}.",
        at_most(1.005),
        loss_to_linear,
        source=f"{THEORY}; .5 %, our tolerance",
    )
    if experiment == "F3":
        yield from _shapes(claim, density)


def _bias(claim: partial[Claim], density: float) -> Claim:
    """The bias is p/2 where the data is dense, and negative where it is sparse.

    ASSUME: a feature is not represented if its norm is at most 0.5, the threshold of the count.
    """
    if density >= DENSE:
        return claim(
            "{figure}.bias.p{density}",
            "At density {density}, the mean bias of features that are not represented is their mean,"
            " p/2: the ratio is {range}.",
            near(1, 0.02),
            bias_to_mean,
            source="theory: an ignored feature is best answered by its mean; 2 %, our tolerance",
        )
    return claim(
        "{figure}.bias.p{density}",
        "At density {density}, the mean bias of features that are not represented is negative: it is"
        " {range}.",
        at_most(-1e-6, low=-np.inf),
        unrepresented_bias,
        source=f"{SECTION}: the figure's bias strips are blue at density .01 and below",
    )


def _shapes(claim: partial[Claim], density: float) -> Iterator[Claim]:
    yield claim(
        "{figure}.dedicated.p{density}",
        "At density {density}, {range} features have a norm above {norm} and a superposition below"
        " {superposition}.",
        counted(*DEDICATED[density]),
        dedicated,
        source=f"{SECTION}: dark bars counted in the figure; within 1 where some but not all"
        " features are superposed, our tolerance",
        norm=DEDICATED_NORM,
        superposition=DEDICATED_SUPERPOSITION,
    )
    if density >= 0.1:
        yield claim(
            "{figure}.antipodal.p{density}",
            "At density {density}, features share a dimension only as antipodal pairs: the inner"
            " products of different features are 0 or -1, {range}.",
            within(0.1),
            from_antipodal,
            source=f"{SECTION}: the figure's heat maps; .1, our tolerance",
        )


@requires(metrics=("feature_norm",))
def _represented_along(t: Tables) -> float:
    """How often the number of represented features falls from a density to the next sparser one."""
    return backward_steps([represented(d) for d in t.by_density])


@requires(metrics=("feature_norm", "superposition"))
def _dedicated_along(t: Tables) -> float:
    """How often the number of dedicated features rises from a density to the next sparser one."""
    return backward_steps([-dedicated(d) for d in t.by_density])


def _loss_along(t: Tables) -> float:
    """The largest ratio of L / L_lin at a density to that at the next denser one."""
    ratios = np.array([loss_to_linear(d) for d in t.by_density])
    return float((ratios[1:] / ratios[:-1]).max()) if len(ratios) > 1 else float("nan")


def _along(figure: str) -> Iterator[Claim]:
    """What holds from one density to the next sparser one."""
    claim = partial(make_claim, figure=figure, where={"model": "relu_output"})
    for kind, measure, wrong in (
        ("represented", _represented_along, "falls"),
        ("dedicated", _dedicated_along, "rises"),
    ):
        yield claim(
            "{figure}.{kind}.monotone",
            "From each density to the next sparser one, the number of {kind} features never"
            " {wrong}: {range} step goes the other way.",
            exactly(0),
            measure,
            source=f"{SECTION}: superposition grows with sparsity; no step against it is accepted",
            kind=kind,
            wrong=wrong,
        )
    yield claim(
        "{figure}.loss.monotone",
        "From each density to the next sparser one, the ratio of the loss to the best linear model's"
        " is multiplied by {range}.",
        at_most(1.02),
        _loss_along,
        source=f"{THEORY}; 2 %, our tolerance",
    )


def _linear(figure: str, kept: int) -> Iterator[Claim]:
    claim = partial(make_claim, figure=figure, where={"model": "linear"})
    yield claim(
        "{figure}.linear.represented",
        "The linear model represents {range} features, with a norm above {above}.",
        exactly(kept),
        partial(represented, above=0.95),
        source=f"{SECTION}: counted in the figure",
    )
    yield claim(
        "{figure}.linear.loss",
        "The ratio of the expected loss of the linear model's weights, in closed form, to its optimum"
        " is {range}.",
        at_most(1.03, low=1 - 1e-9),
        exact_linear_loss_to_optimum,
        source=f"{THEORY}; 3 %, our tolerance for training at low density",
    )


def _small_only() -> Iterator[Claim]:
    yield make_claim(
        "F3.linear.dedicated",
        "None of the linear model's represented features is superposed: {range} have a norm above {norm}"
        " and a superposition below {superposition}.",
        exactly(5),
        dedicated,
        source=f"{SECTION}: dark bars counted in the figure",
        where={"model": "linear"},
        norm=DEDICATED_NORM,
        superposition=DEDICATED_SUPERPOSITION,
    )
    yield make_claim(
        "F3.linear.projection",
        "The linear model keeps the 5 most important features as they are: the inner products are"
        " diag(1, 1, 1, 1, 1, 0, …), {range}.",
        within(0.02),
        from_projection,
        source="theory: the linear model's optimum is principal components; .02, our tolerance",
        where={"model": "linear"},
    )
    yield make_claim(
        "F3.order.p{density}",
        "At density {density}, superposition starts with the less important features: {range}"
        " superposed feature is more important than a dedicated one.",
        exactly(0),
        inversions,
        source=f"{SECTION}: text, and the dark bars of features 0, 1, 2",
        where={"model": "relu_output", "density": 0.3},
    )


def _early_only() -> Iterator[Claim]:
    """Why fewer features are represented in the printed figure than at rest."""
    claim = partial(make_claim, recipe={"F4_early": EARLY})
    density = min(LARGE)
    yield claim(
        "F4.early.represented",
        "At density {density}, from a start near zero and at the rate of the authors' notebook, about as"
        " many features have a norm above {above} as in the figure, where {printed} have: {range}.",
        counted(LARGE[density] - 2, LARGE[density] + 2),
        represented,
        source=f"{SECTION}: counted in the figure, to about 1",
        experiments=("F4_early",),
        density=density,
        printed=LARGE[density],
    )
    yield claim(
        "F4.early.loss",
        "The run of F4_early at density {density} is not at rest: it loses {range} times what the best"
        " run at this density loses.",
        at_least(2),
        partial(best_loss_ratio, over="F4_early", under="F4"),
        source="ours: the best of either, by a factor of two",
        experiments=("F4", "F4_early"),
        where={"model": "relu_output", "density": density},
    )


def _claims() -> Iterator[Claim]:
    yield from _at_density("F2", "F3", 1.0, SMALL[1.0], 1)
    for figure, kept, counts, off in (("F3", 5, SMALL, 1), ("F4", 20, LARGE, 2)):
        yield from _linear(figure, kept)
        for density, count in counts.items():
            yield from _at_density(figure, figure, density, count, off)
        yield from _along(figure)
        yield from _small_only() if figure == "F3" else _early_only()


CLAIMS = tuple(_claims())
