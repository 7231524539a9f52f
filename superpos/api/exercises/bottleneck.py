"""Questions about one small model: its data, its bias, its loss and its ReLU (notebook 1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from superpos import theory
from superpos.api.exercises.checking import (
    Checked,
    array,
    checked_weights,
    compared,
    exercise,
    number,
    returned,
    whole_number,
)
from superpos.metrics import array_likes
from superpos.metrics.geometry import represented

if TYPE_CHECKING:
    from jaxtyping import Float

FEATURES, SAMPLES = 5, 7
Elementwise = Callable[[np.ndarray], np.ndarray]


def _random_model(seed: int) -> tuple[np.ndarray, ...]:
    """W, b, x and importance."""
    rng = np.random.default_rng(seed)
    W, b = rng.normal(size=(FEATURES, 2)), rng.normal(size=FEATURES)
    return W, b, rng.uniform(size=(SAMPLES, FEATURES)), np.array([1.0, 0.9, 0.7, 0.5, 0.2])


MODELS = [_random_model(seed) for seed in range(3)]
"""The models on which a function is tried; there are several, so that no mistake goes unnoticed."""


@exercise
def features_on(answer: Any, n_features: int, density: float) -> Checked:
    """The average number of features that are on in a sample: n p."""
    return compared(
        number(answer),
        n_features * density,
        f"Each of the {n_features} features is on with probability {density:g}.",
        {
            "That is how many are off. Density is 1 - S: the chance that a feature is on.": (
                n_features * (1 - density)
            ),
            "That is the chance of one feature. How many of all features are on?": density,
            "That is the mean of the sum of x. It counts a feature by its value, not as one.": (
                n_features * density / 2
            ),
        },
        "Each feature is on or off by itself, so their chances add up.",
    )


@exercise
def best_bias(answer: Any, density: float) -> Checked:
    """The bias that minimises the loss of a feature that is not stored: its mean, p / 2."""
    return compared(
        number(answer),
        theory.mean(density),
        "The best constant guess is the mean: on with probability p, and then ½ on average.",
        {
            "That is the mean of a feature that is on. How often is it off, so that x = 0?": 0.5,
            "That is how often the feature is on. Its value is then ½ on average, not 1.": density,
            "With b = 0 the model always answers 0. A guess above 0 loses less.": 0.0,
            "You used S in place of 1 - S. Density is the chance that a feature is on.": (
                theory.mean(1 - density)
            ),
        },
        "The model answers b whatever x is. Which constant has the smallest E (x - b)²?",
    )


@exercise
def ignored_loss(answer: Any, density: float) -> Checked:
    """The loss of a feature that is not stored, with its best bias: the variance p / 3 - p² / 4."""
    return compared(
        number(answer),
        theory.variance(density),
        "It is the variance of the feature, E x² - (E x)² = p/3 - p²/4.",
        {
            "That is E x², the loss with b = 0. The best bias, the mean, takes off (E x)².": (
                density / 3
            ),
            "That is the variance of a feature that is always on. Count the zeros too.": 1 / 12,
            "That is p times the variance of U[0, 1]. The zeros differ from the mean as well.": (
                density / 12
            ),
            "You subtracted E x. Subtract its square.": density / 3 - density / 2,
            "That is the standard deviation. The loss is a square.": (
                np.sqrt(theory.variance(density))
            ),
            "You used S in place of 1 - S.": theory.variance(1 - density),
        },
        "With b = E x the loss is the variance, E x² - (E x)². What is E x² if x is on with"
        " probability p, and then uniform in [0, 1]?",
    )


@exercise
def output_loss(answer: Callable[..., Any]) -> Checked:
    """A function f(W, b, x, importance): the loss of the ReLU output model.

    W [feature, hidden], b [feature], x [sample, feature], importance [feature]. The loss is
    sum_i I_i (x_i - ReLU(W_i . h + b_i))² with h = sum_j x_j W_j, averaged over the samples.
    """
    found = np.array(
        [array(returned(answer, *model), (), "your loss", "one number") for model in MODELS]
    )
    right = _losses()
    reasons = {
        "There is no ReLU: apply np.maximum(..., 0) to the output.": _losses(output=_same),
        "The bias is missing: add b before the ReLU.": _losses(biased=False),
        "The bias is added after the ReLU. It belongs inside.": _losses(late_bias=True),
        "The importance is missing: multiply each feature's squared error by it.": _losses(
            weight=lambda importance: np.ones_like(importance)
        ),
        "The importance is squared. It multiplies the squared error, not the error.": _losses(
            weight=np.square
        ),
        "There is a ReLU on the hidden layer too. In this model only the output has one.": _losses(
            hidden=_relu
        ),
        "You averaged over the features too. Sum over them, then take the mean over the samples.": (
            right / FEATURES
        ),
        "You summed over the samples. Take the mean over them.": right * SAMPLES,
        "You took the absolute error. The loss has its square.": _losses(power=1),
    }
    why = "It agrees with ours on random W, b and x."
    otherwise = (
        f"On a random model your function gives {found[0]:.4g} where the loss is {right[0]:.4g}. The steps"
        " are h = x @ W, then the output from h, W and b, then the weighted squared error."
    )
    return compared(found, right, why, reasons, otherwise)


@exercise
def features_kept(answer: Any, W: Float[np.ndarray, "feature hidden"]) -> Checked:
    """The number of features that a linear model W stores, those with ‖W_i‖ > 0.5."""
    W = checked_weights(W, "feature hidden")
    right, (n, m) = int(represented(W[None])[0]), W.shape
    return compared(
        whole_number(answer),
        right,
        f"A linear model stores one feature in each of its {m} dimensions, at every sparsity.",
        {
            f"The features do not all fit: W Wᵀ of rank {m} cannot be the identity of {n}.": n,
            "Two features in one dimension need a ReLU that removes what they do to each other.": (
                2 * m
            ),
            "The best it can do is to keep the most important features, whatever the others are.": 0,
        },
        f"It has {m} dimensions, and nothing that could remove interference.",
    )


@exercise
def pair_output(answer: Any, x: Sequence[float]) -> Checked:
    """The reconstruction of two features stored as an antipodal pair, W = [1, -1] and b = 0.

    The answer is two numbers: ReLU(x_1 - x_2) and ReLU(x_2 - x_1).
    """
    first, second = array_likes.plain(x)
    h = first - second
    return compared(
        array(answer, (2,), "your answer", "two numbers"),
        np.maximum([h, -h], 0),
        "The two push in opposite directions along one axis, and the ReLU cuts off what is negative.",
        {
            "That is the output before the ReLU, which makes negative numbers 0.": np.array(
                [h, -h]
            ),
            "With both on, they share one number h = x₁ - x₂, so x cannot come back whole.": (
                np.array([first, second])
            ),
            "The features have opposite signs, so h = x₁ - x₂. You added them.": (
                np.array([first + second, 0])
            ),
            "You added them, and gave the sum to both.": np.full(2, first + second),
            "The signs are the wrong way round: feature 1 has W = +1.": np.maximum([-h, h], 0),
        },
        "First h = 1 · x₁ + (-1) · x₂. Then the outputs are ReLU(h) and ReLU(-h).",
    )


def _losses(**changed: Any) -> np.ndarray:
    """The losses of MODELS if one of their arguments is replaced."""
    return np.array([_loss(*model, **changed) for model in MODELS])


def _loss(
    W: np.ndarray,
    b: np.ndarray,
    x: np.ndarray,
    importance: np.ndarray,
    *,
    hidden: Elementwise | None = None,
    output: Elementwise | None = None,
    weight: Elementwise | None = None,
    biased: bool = True,
    late_bias: bool = False,
    power: int = 2,
) -> float:
    hidden, output, weight = hidden or _same, output or _relu, weight or _same
    z, b = hidden(x @ W) @ W.T, b * biased
    y = output(z) + b if late_bias else output(z + b)
    return float((weight(importance) * np.abs(x - y) ** power).sum(1).mean())


def _relu(z: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(z, 0))


def _same(z: np.ndarray) -> np.ndarray:
    return z
