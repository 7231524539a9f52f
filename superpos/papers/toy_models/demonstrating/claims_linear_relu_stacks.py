"""Claims about the linear and ReLU stacks: n = 20, m = 5 (F3) and n = 80, m = 20 (F4)."""

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.papers.toy_models import recipe as notebook
from superpos.tables import Tables
from superpos.verdicts.accepted import at_most, counted, exactly, near, to_within
from superpos.verdicts.claim import Claim, Where, make_claim
from superpos.verdicts.correction import Correction
from superpos.verdicts.measures import (
    DEDICATED_NORM,
    DEDICATED_SUPERPOSITION,
    backward_steps,
    column,
    dedicated,
    exact_linear_loss_to_optimum,
    from_antipodal,
    from_projection,
    inversions,
    loss_to_linear,
    represented,
    unrepresented_bias,
)
from superpos.verdicts.statement import Kind, Statement, listed

DENSITIES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
SMALL = dict(zip(DENSITIES, (5, 7, 9, 10, 12, 13, 13), strict=True))
LARGE = dict(zip(DENSITIES, (20, 26, 32, 41, 49, 55, 57), strict=True))
DEDICATED = dict(
    zip(DENSITIES, ((5, 5), (2, 4), (0, 2), (0, 0), (0, 0), (0, 0), (0, 0)), strict=True)
)
"""Represented features of F3 and F4, and the range of dedicated features of F3, by density."""
MODELS = {"F3": "20 features in 5 dimensions", "F4": "80 features in 20 dimensions"}
RECIPE: Where = notebook.settings(80, 20, 10)
HALFWAY = 5000
"""The step of the recipe at which the features are counted once more."""
DENSE = 0.03
"""The smallest density at which the figure's biases are positive."""
IGNORED = 0.05
"""The largest norm of a feature that the model ignores, as in the introduction's figure."""
SECTION = 'section "Demonstrating Superposition", basic results'
COUNTED = f"{SECTION}: counted in the figure"
THEORY = "theory: the linear model's optimum, v(p) times the importance beyond the first m"
BIAS_CODE = {
    "F3": {1.0: "a035098260b0", 0.3: "e42bdcda8633", 0.1: "a6bd143d5d0b", 0.03: "2ae174f46d28"},
    "F4": {1.0: "2a14a9eb8610", 0.3: "646f2acfdb94", 0.1: "48b1290046bd", 0.03: "8102803ba7a6"},
}
"""The digests of what the claims about p/2 measured before they were corrected."""


def _weightless(figure: str, density: float) -> Correction:
    return Correction(
        0.98,
        1.02,
        "the mean p/2 is the best answer if W_i = 0. The output of a feature with a small weight also"
        " answers interference, and theory then gives it a smaller bias. So a feature counts as ignored"
        " up to a norm of 0.05, as it does in the introduction's figure.",
        before="the same over all features with a norm of at most 0.5",
        code=BIAS_CODE[figure][density],
    )


def _statements(name: str, kind: Kind, **texts: str) -> dict[str, Statement]:
    """One statement for each figure, by figure; {models} in the text stands for the size of its models."""
    return {
        figure: Statement(f"{figure}.{name}", kind, text.format(models=MODELS[figure]))
        for figure, text in texts.items()
    }


def _of_both(name: str, kind: Kind, text: str) -> dict[str, Statement]:
    return _statements(name, kind, **dict.fromkeys(MODELS, text))


def _growing(counts: Mapping[float, int]) -> str:
    return (
        "As features become sparser, a ReLU model of {models} represents more of them:"
        f" {listed(counts.values())} at densities {listed(counts)}."
    )


REPRESENTED = _statements("represented", "paper", F3=_growing(SMALL), F4=_growing(LARGE))
_FIRST, *_NEXT = ((p, (low + high) // 2) for p, (low, high) in DEDICATED.items() if high)
"""The densities at which F3 has dedicated features, and how many."""
OWN_DIMENSION = _statements(
    "dedicated",
    "paper",
    F3=f"In a ReLU model of {{models}}, {_FIRST[1]} features have a dimension of their own at density"
    f" {_FIRST[0]:g}, {', '.join(f'{count} at density {p}' for p, count in _NEXT)}, and none when features"
    " are sparser.",
    F4="In a ReLU model of {models}, the number of features with a dimension of their own never grows as"
    " features become sparser.",
)
ANTIPODAL = Statement(
    "F3.antipodal",
    "paper",
    "While features are dense, they share a dimension only as antipodal pairs: the inner products of"
    " different features are 0 or -1.",
)
ORDER = Statement("F3.order", "paper", "Superposition begins with the less important features.")
NEGATIVE_BIAS = _of_both(
    "bias.negative",
    "paper",
    "When features are sparse, a ReLU model of {models} gives negative biases to the features that it"
    " does not represent.",
)
MEAN_BIAS = _of_both(
    "bias.mean",
    "theory",
    "In a ReLU model of {models}, the bias of a feature that the model ignores is the feature's mean,"
    " p/2, as long as features are not very sparse.",
)
NO_WORSE = _of_both(
    "loss",
    "theory",
    "A ReLU model of {models} loses no more than the best linear model, at any density.",
)
LOSS_FALLS = _of_both(
    "loss.ratio",
    "ours",
    "As features become sparser, the loss of a ReLU model of {models} falls further and further below"
    " that of the best linear model.",
)
LINEAR = _of_both(
    "linear",
    "paper",
    "A linear model of {models} represents only the most important features, one in each dimension, as"
    " principal components would.",
)
LINEAR_LOSS = _of_both(
    "linear.loss",
    "theory",
    "A linear model of {models} reaches the smallest loss that it can have.",
)
HALF_RECIPE = Statement(
    "F4.halfway",
    "ours",
    "After half of the steps of the authors' recipe, the model of 80 features represents as many of them"
    " as the figure shows.",
)


@requires(metrics=("feature_norm",))
def _ignored_bias_to_mean(t: Tables) -> float:
    """The mean bias of the features that the model ignores, over E x = p / 2; NaN if there are none."""
    bias = column(t, "bias")[column(t, "feature_norm") <= IGNORED]
    mean = float(theory.mean(column(t, "feature_density")[0]))
    return float(bias.mean()) / mean if len(bias) else float("nan")


@requires(metrics=("feature_norm",))
def _represented_at(t: Tables, step: int) -> int:
    """How many features have a norm above 0.5 after a step of the training."""
    norms = t.checkpoints.loc[t.checkpoints["step"] == step, "feature_norm"]
    return int((norms > 0.5).sum())


def _at_density(figure: str, density: float, count: int, off: int) -> Iterator[Claim]:
    """The claims about the ReLU model at one density."""
    claim = partial(make_claim, figure=figure, where={"model": "relu_output", "density": density})
    yield claim(
        "{figure}.represented.p{density}",
        "At density {density}, {range} features have a norm above {above}.",
        counted(count - off, count + off),
        represented,
        of=REPRESENTED[figure],
        source=f"{COUNTED}; within {off}, our tolerance for reading it",
    )
    yield _bias(claim, figure, density)
    yield claim(
        "{figure}.loss.p{density}",
        "At density {density}, the ratio of the ReLU model's loss to the best linear model's is"
        " {range}.",
        at_most(1.005),
        loss_to_linear,
        of=NO_WORSE[figure],
        source=f"{THEORY}; 0.5%, our tolerance",
    )
    if figure == "F3":
        yield from _shapes(claim, density)


def _bias(claim: partial[Claim], figure: str, density: float) -> Claim:
    """The claims that the bias is p/2 if the data is dense, and negative if it is sparse."""
    if density >= DENSE:
        return claim(
            "{figure}.bias.p{density}",
            "At density {density}, the mean bias of the features with a norm of at most {ignored},"
            " divided by p/2, is {range}.",
            near(1, 0.02),
            _ignored_bias_to_mean,
            of=MEAN_BIAS[figure],
            source="theory: the best answer for an ignored feature is its mean; 2%, our tolerance",
            corrections=(_weightless(figure, density),),
            ignored=IGNORED,
        )
    return claim(
        "{figure}.bias.p{density}",
        "At density {density}, the mean bias of the features with a norm of at most 0.5 is {range}.",
        at_most(-1e-6, low=-np.inf),
        unrepresented_bias,
        of=NEGATIVE_BIAS[figure],
        source=f"{SECTION}: the strips of biases are blue at density 0.01 and below",
    )


def _shapes(claim: partial[Claim], density: float) -> Iterator[Claim]:
    yield claim(
        "{figure}.dedicated.p{density}",
        "At density {density}, {range} features have a norm above {norm} and a superposition below"
        " {superposition}.",
        counted(*DEDICATED[density]),
        dedicated,
        of=OWN_DIMENSION["F3"],
        source=f"{SECTION}: dark bars counted in the figure; within 1 if some but not all features"
        " are in superposition, our tolerance",
        norm=DEDICATED_NORM,
        superposition=DEDICATED_SUPERPOSITION,
    )
    if density >= 0.1:
        yield claim(
            "{figure}.antipodal.p{density}",
            "At density {density}, each inner product of two different features is 0 or -1, {range}.",
            to_within(0.1),
            from_antipodal,
            of=ANTIPODAL,
            source=f"{SECTION}: the figure's heat maps; 0.1, our tolerance",
        )


@requires(metrics=("feature_norm",))
def _represented_along(t: Tables) -> float:
    """How often the number of represented features falls from one density to the next sparser one."""
    return backward_steps([represented(d) for d in t.by_density])


@requires(metrics=("feature_norm", "superposition"))
def _dedicated_along(t: Tables) -> float:
    """How often the number of dedicated features rises from one density to the next sparser one."""
    return backward_steps([-dedicated(d) for d in t.by_density])


def _loss_along(t: Tables) -> float:
    """The largest factor by which L / L_lin grows from one density to the next sparser one."""
    ratios = np.array([loss_to_linear(d) for d in t.by_density])
    return float((ratios[1:] / ratios[:-1]).max()) if len(ratios) > 1 else float("nan")


def _along(figure: str) -> Iterator[Claim]:
    """The claims about the change from one density to the next sparser one."""
    claim = partial(make_claim, figure=figure, where={"model": "relu_output"})
    yield claim(
        "{figure}.represented.monotone",
        "The number of represented features falls at {range:of} the steps to the next smaller density.",
        exactly(0),
        _represented_along,
        of=REPRESENTED[figure],
        source=f"{SECTION}: the figure; no step against it is accepted",
    )
    yield claim(
        "{figure}.dedicated.monotone",
        "The number of features with a dimension of their own rises at {range:of} the steps to the next"
        " smaller density.",
        exactly(0),
        _dedicated_along,
        of=OWN_DIMENSION[figure],
        source=f"{SECTION}: the figure; no step against it is accepted",
    )
    yield claim(
        "{figure}.loss.monotone",
        "From any density to the next smaller one, the ratio of the ReLU model's loss to the best linear"
        " model's is multiplied by {range}.",
        at_most(1.02),
        _loss_along,
        of=LOSS_FALLS[figure],
        source="a prototype's runs; 2%, our tolerance",
    )


def _linear(figure: str, kept: int) -> Iterator[Claim]:
    claim = partial(make_claim, figure=figure, where={"model": "linear"})
    yield claim(
        "{figure}.linear.represented",
        "In the linear model, {range} features have a norm above {above}.",
        exactly(kept),
        partial(represented, above=0.95),
        of=LINEAR[figure],
        source=COUNTED,
    )
    yield claim(
        "{figure}.linear.loss",
        "The ratio of the linear model's expected loss to the smallest possible one is {range}.",
        at_most(1.03, low=1 - 1e-9),
        exact_linear_loss_to_optimum,
        of=LINEAR_LOSS[figure],
        source=f"{THEORY}; 3%, our tolerance for training at low density",
    )


def _small_only() -> Iterator[Claim]:
    linear = partial(make_claim, of=LINEAR["F3"], where={"model": "linear"})
    yield linear(
        "F3.linear.dedicated",
        "In the linear model, {range} features have a norm above {norm} and a superposition below"
        " {superposition}.",
        exactly(5),
        dedicated,
        source=f"{SECTION}: dark bars counted in the figure",
        norm=DEDICATED_NORM,
        superposition=DEDICATED_SUPERPOSITION,
    )
    yield linear(
        "F3.linear.projection",
        "In the linear model, the inner products of all features are those of diag(1, 1, 1, 1, 1, 0, …),"
        " {range}.",
        to_within(0.02),
        from_projection,
        source=f"{SECTION}: the figure's heat map; theory: the linear model's optimum is principal"
        " components; 0.02, our tolerance",
    )
    yield make_claim(
        "F3.order.p{density}",
        "At density {density}, {range} represented feature in superposition is more important than a"
        " feature with a dimension of its own.",
        exactly(0),
        inversions,
        of=ORDER,
        source=f"{SECTION}: text, and the dark bars of features 0, 1 and 2",
        where={"model": "relu_output", "density": 0.3},
    )


def _after_recipe() -> Iterator[Claim]:
    """The claims about F4's counts after the authors' recipe, and after half of its steps."""
    claim = partial(
        make_claim,
        figure="F4",
        experiments=("F4_recipe",),
        models="recipe",
        recipe={"F4_recipe": RECIPE},
    )
    for density, count in LARGE.items():
        at = partial(
            claim, where={"density": density}, source=f"{COUNTED}; within 2, as for the main models"
        )
        accepted = counted(count - 2, count + 2)
        yield at(
            "F4.recipe.p{density}",
            "After the authors' recipe, {range} features have a norm above {above} at density {density}.",
            accepted,
            represented,
            of=REPRESENTED["F4"],
        )
        yield at(
            "F4.halfway.p{density}",
            "After {step} steps of the authors' recipe, {range} features have a norm above 0.5 at"
            " density {density}.",
            accepted,
            partial(_represented_at, step=HALFWAY),
            of=HALF_RECIPE,
            along=True,
        )
    yield claim(
        "F4.recipe.monotone",
        "After the authors' recipe, the number of represented features falls at {range:of} the steps to"
        " the next smaller density.",
        exactly(0),
        _represented_along,
        of=REPRESENTED["F4"],
        source=f"{SECTION}: the figure; no step against it is accepted",
    )


def _claims() -> Iterator[Claim]:
    for figure, kept, counts, off in (("F3", 5, SMALL, 1), ("F4", 20, LARGE, 2)):
        yield from _linear(figure, kept)
        for density, count in counts.items():
            yield from _at_density(figure, density, count, off)
        yield from _along(figure)
    yield from _small_only()
    yield from _after_recipe()


CLAIMS = tuple(_claims())
