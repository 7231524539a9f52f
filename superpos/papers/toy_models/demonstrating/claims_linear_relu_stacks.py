"""Claims of the linear and ReLU stacks, n = 20, m = 5 (F3), n = 80, m = 20 (F4), and of F2."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.verdicts.claim import Claim
from superpos.verdicts.measures import (
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
EARLY = {"init.std": 0.01, "optimizer.lr": 0.001, "schedule": "constant"}
"""The start near zero and the notebook's rate, which the claims of F4_early are about."""
SECTION = 'section "Demonstrating Superposition", basic results'
THEORY = "theory: the linear model's optimum, v(p) times the importance beyond the first m"


def _relu(figure: str, experiment: str, density: float) -> partial:
    """A claim about the ReLU model at one density; its name ends in the density."""
    return partial(
        _claim,
        suffix=f".p{density:g}",
        figure=figure,
        experiments=(experiment,),
        where={"model": "relu_output", "density": density},
    )


def _claim(name: str, *, figure: str, suffix: str = "", **fields: object) -> Claim:
    return Claim(claim=f"{figure}.{name}{suffix}", figure=figure, **fields)  # type: ignore[arg-type]


def _represented(claim: partial, density: float, count: int, off: int) -> Claim:
    return claim(
        "represented",
        statement=f"At density {density:g}, {count} features (within {off}) have a norm above .5.",
        source=f"{SECTION}: counted in the figure; within {off}, our tolerance for reading it",
        measure=represented,
        low=count - off,
        high=count + off,
    )


def _dedicated(claim: partial, density: float) -> Claim:
    low, high = DEDICATED[density]
    return claim(
        "dedicated",
        statement=f"At density {density:g}, {low} to {high} features have a norm above .9 and a"
        " superposition below .1.",
        source=f"{SECTION}: dark bars counted in the figure; within 1 where some but not all"
        " features are superposed, our tolerance",
        measure=dedicated,
        low=low,
        high=high,
    )


def _bias(claim: partial, density: float) -> Claim:
    """p/2 where the data is dense, negative where it is sparse.

    ASSUME: "not represented" is a norm of at most .5, the complement of the count's threshold.
    """
    if density >= 0.03:
        return claim(
            "bias",
            statement=f"At density {density:g}, the mean bias of features that are not represented"
            " is p/2, their mean: the ratio is 1 within 2 %.",
            source="theory: an ignored feature is best answered by its mean; 2 %, our tolerance",
            measure=bias_to_mean,
            low=0.98,
            high=1.02,
        )
    return claim(
        "bias",
        statement=f"At density {density:g}, the mean bias of features that are not represented is"
        " negative.",
        source=f"{SECTION}: the figure's bias strips are blue at density .01 and below",
        measure=unrepresented_bias,
        low=-np.inf,
        high=-1e-6,
    )


def _antipodal(claim: partial, density: float) -> Claim:
    return claim(
        "antipodal",
        statement=f"At density {density:g}, features share a dimension only as antipodal pairs: the"
        " inner products of different features are 0 or -1, within .1.",
        source=f"{SECTION}: the figure's heat maps; .1, our tolerance",
        measure=from_antipodal,
        low=0,
        high=0.1,
    )


def _bound(claim: partial, density: float) -> Claim:
    return claim(
        "loss",
        statement=f"At density {density:g}, the ReLU model loses no more than the best linear"
        " model: the ratio of their losses is at most 1.005.",
        source=f"{THEORY}; .5 %, our tolerance",
        measure=loss_to_linear,
        low=0,
        high=1.005,
    )


def _at_density(figure: str, experiment: str, density: float, count: int, off: int) -> list[Claim]:
    claim = _relu(figure, experiment, density)
    both = [_represented(claim, density, count, off), _bias(claim, density), _bound(claim, density)]
    if experiment == "F4":
        return both
    pairs = [_antipodal(claim, density)] if density >= 0.1 else []
    return [*both, _dedicated(claim, density), *pairs]


@requires(metrics=("feature_norm",))
def _represented_along(t: Tables) -> float:
    return backward_steps([represented(d) for d in t.by_density])


@requires(metrics=("feature_norm", "superposition"))
def _dedicated_along(t: Tables) -> float:
    return backward_steps([-dedicated(d) for d in t.by_density])


def _loss_along(t: Tables) -> float:
    """Largest ratio of L / L_lin at a density to that at the next denser one."""
    ratios = np.array([loss_to_linear(d) for d in t.by_density])
    return float((ratios[1:] / ratios[:-1]).max()) if len(ratios) > 1 else float("nan")


def _along(figure: str) -> Iterator[Claim]:
    """What holds from one density to the next sparser one."""
    claim = partial(_claim, figure=figure, experiments=(figure,), where={"model": "relu_output"})
    for name, measure, what in (
        ("represented.monotone", _represented_along, "represented features never falls"),
        ("dedicated.monotone", _dedicated_along, "dedicated features never rises"),
    ):
        yield claim(
            name,
            statement=f"From each density to the next sparser one, the number of {what}.",
            source=f"{SECTION}: superposition grows with sparsity; no step against it is accepted",
            measure=measure,
            low=0,
            high=0,
        )
    yield claim(
        "loss.monotone",
        statement="From each density to the next sparser one, the loss over the best linear model's"
        " rises by no more than 2 %.",
        source=f"{THEORY}; 2 %, our tolerance",
        measure=_loss_along,
        low=0,
        high=1.02,
    )


def _linear(figure: str, kept: int) -> Iterator[Claim]:
    claim = partial(_claim, figure=figure, experiments=(figure,), where={"model": "linear"})
    yield claim(
        "linear.represented",
        statement=f"The linear model represents exactly {kept} features, with a norm above .95.",
        source=f"{SECTION}: counted in the figure",
        measure=partial(represented, above=0.95),
        low=kept,
        high=kept,
    )
    yield claim(
        "linear.loss",
        statement="The expected loss of the linear model's weights, in closed form, is its optimum"
        " within 3 %.",
        source=f"{THEORY}; 3 %, our tolerance for training at low density",
        measure=exact_linear_loss_to_optimum,
        low=1 - 1e-9,
        high=1.03,
    )


def _small_only() -> Iterator[Claim]:
    linear = partial(_claim, figure="F3", experiments=("F3",), where={"model": "linear"})
    yield linear(
        "linear.dedicated",
        statement="None of the linear model's 5 represented features is superposed.",
        source=f"{SECTION}: dark bars counted in the figure",
        measure=dedicated,
        low=5,
        high=5,
    )
    yield linear(
        "linear.projection",
        statement="The linear model keeps the 5 most important features as they are: the inner"
        " products are diag(1, 1, 1, 1, 1, 0, ..) within .02.",
        source="theory: the linear model's optimum is principal components; .02, our tolerance",
        measure=from_projection,
        low=0,
        high=0.02,
    )
    relu = _relu("F3", "F3", 0.3)
    yield relu(
        "order",
        statement="At density 0.3, superposition starts with the less important features: no"
        " superposed feature is more important than a dedicated one.",
        source=f"{SECTION}: text, and the dark bars of features 0, 1, 2",
        measure=inversions,
        low=0,
        high=0,
    )


def _early_only() -> Iterator[Claim]:
    """Why fewer features are represented in the printed figure than at rest."""
    claim = partial(_claim, figure="F4", recipe={"F4_early": EARLY})
    yield claim(
        "early.represented",
        experiments=("F4_early",),
        statement="At density 0.001, from a start near zero and at the authors' notebook's rate, the"
        " printed number of features is represented: 57, within 2.",
        source=f"{SECTION}: counted in the figure, to about 1",
        measure=represented,
        low=LARGE[0.001] - 2,
        high=LARGE[0.001] + 2,
    )
    yield claim(
        "early.loss",
        experiments=("F4", "F4_early"),
        where={"model": "relu_output", "density": 0.001},
        statement="That run is not at rest: it loses at least twice what the best run at its density"
        " loses.",
        source="ours: the best of either, by a factor of two",
        measure=partial(best_loss_ratio, over="F4_early", under="F4"),
        low=2,
        high=np.inf,
    )


def _all() -> Iterator[Claim]:
    yield from _at_density("F2", "F3", 1.0, SMALL[1.0], 1)
    for figure, kept, counts, off in (("F3", 5, SMALL, 1), ("F4", 20, LARGE, 2)):
        yield from _linear(figure, kept)
        for density, count in counts.items():
            yield from _at_density(figure, figure, density, count, off)
        yield from _along(figure)
        yield from _small_only() if figure == "F3" else _early_only()


CLAIMS = tuple(_all())
