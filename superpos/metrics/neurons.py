"""What single neurons read and write (sections on a privileged basis and on computation).

W [..., feature, hidden] holds the weights of features into neurons, W_out the weights of neurons into
outputs. A neuron is dead if it reads no feature, because all its input weights are exactly 0. It is of no
kind, has no largest feature, and counts in no metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.metrics import metric
from superpos.metrics.geometry import superposition
from superpos.numerics.ordered import total

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

COUNTED = 0.3
"""A weight counts if it exceeds this share of its neuron's largest positive weight."""
NEGLIGIBLE = 0.05
"""A weight adds nothing to a stack if it is at most this share of its neuron's largest weight."""
SLIGHTLY_POLY, POLY = 1.1, 1.5
"""Stack heights from which a neuron is slightly polysemantic, and polysemantic."""
DEAD = -1
"""Stands for the kind and for the largest feature of a dead neuron, which has neither."""


def rescaled(
    W: Float[np.ndarray, "... feature hidden"], W_out: Float[np.ndarray, "... feature hidden"]
) -> tuple[Float[np.ndarray, "... feature hidden"], Float[np.ndarray, "... feature hidden"]]:
    """Both matrices, W scaled so that each neuron's largest |W| is 1, W_out by the inverse factors.

    The model's function does not change, since ReLU(s h) = s ReLU(h). A neuron that reads nothing
    keeps its weights. Source: section "Computation in Superposition", footnote 15.
    """
    scale = np.abs(W).max(axis=-2, keepdims=True)
    scale = np.where(scale > 0, scale, 1.0)
    return W / scale, W_out * scale


def live(W: Float[np.ndarray, "... feature hidden"]) -> Bool[np.ndarray, "... hidden"]:
    """Whether each neuron reads any feature."""
    reads: np.ndarray = (np.asarray(W) != 0).any(axis=-2)
    return reads


def single_feature(W: Float[np.ndarray, "... feature hidden"]) -> Bool[np.ndarray, "... hidden"]:
    """Whether each neuron reads one feature: exactly one |w| exceeds COUNTED times its largest w.

    ASSUME: the paper tints neurons by eye; 0.3 is our threshold. It is relative to the largest
    positive weight, since a ReLU neuron fires on positive weights only, and a large inhibiting
    weight must not hide the other features that it fires on.
    """
    W = np.asarray(W, np.float64)
    largest = W.max(axis=-2)
    counted = np.abs(W) > COUNTED * largest[..., None, :]
    single: np.ndarray = (counted.sum(axis=-2) == 1) & (largest > 0)
    return single


def main_entries(
    W: Float[np.ndarray, "... feature hidden"],
) -> Bool[np.ndarray, "... feature hidden"]:
    """Which neurons carry each feature: those whose weight exceeds half of its largest."""
    W = np.asarray(W, np.float64)
    carries: np.ndarray = W.max(axis=-1, keepdims=True) / 2 < W
    return carries


def stacks(W: Float[np.ndarray, "... feature hidden"]) -> Float[np.ndarray, "... feature hidden"]:
    """|W| divided by the largest |w| of each neuron; ratios of at most NEGLIGIBLE are set to 0."""
    size = np.abs(np.asarray(W, np.float64))
    largest = size.max(axis=-2, keepdims=True)
    relative = np.divide(size, largest, out=np.zeros_like(size), where=largest > 0)
    return np.where(relative > NEGLIGIBLE, relative, 0.0)


def stack_heights(W: Float[np.ndarray, "... feature hidden"]) -> Float[np.ndarray, "... hidden"]:
    """The height of each neuron's stack; it is 1 if the neuron reads a single feature, 0 if it is dead."""
    return total(np.moveaxis(stacks(W), -2, -1))


def kinds(W: Float[np.ndarray, "... feature hidden"]) -> Int[np.ndarray, "... hidden"]:
    """0 mono, 1 slightly polysemantic, 2 polysemantic, by the height of the stack; DEAD if there is none.

    ASSUME: the paper judges by eye; heights of 1.1 and 1.5 are our thresholds.
    """
    kind = np.digitize(stack_heights(W), [SLIGHTLY_POLY, POLY])
    return np.where(live(W), kind, DEAD)


def largest_feature(W: Float[np.ndarray, "... feature hidden"]) -> Int[np.ndarray, "... hidden"]:
    """The feature with each neuron's largest |w|; DEAD if the neuron reads none."""
    return np.where(live(W), np.abs(W).argmax(axis=-2), DEAD)


def by_importance(
    W: Float[np.ndarray, "feature hidden"], importance: Float[np.ndarray, " feature"]
) -> Int[np.ndarray, " hidden"]:
    """The neurons of one model, sorted by the importance of their largest feature, highest first.

    Dead neurons are last.
    """
    main = np.where(live(W), importance[largest_feature(W)], -np.inf)
    order: np.ndarray = np.lexsort((stack_heights(W), -main))
    return order


@metric(relu_hidden=True)
def single_feature_neurons(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """The number of neurons that read one feature: exactly one |w| exceeds 0.3 times the largest |w|.

    Source: "Superposition in a Privileged Basis".
    """
    return total(single_feature(W))


@metric(relu_hidden=True)
def mono_neurons(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """The number of neurons that read a feature and whose stack is lower than 1.1; see `max_stack_height`."""
    return total(kinds(W) == 0)


@metric(relu_hidden=True)
def slightly_poly_neurons(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """The number of neurons whose stack is at least 1.1 and lower than 1.5."""
    return total(kinds(W) == 1)


@metric(relu_hidden=True)
def poly_neurons(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """The number of neurons whose stack is 1.5 or higher."""
    return total(kinds(W) == 2)


@metric(relu_hidden=True)
def max_stack_height(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """The height of the highest stack; NaN if no neuron reads a feature.

    A neuron's stack is |w| of each feature divided by the neuron's largest |w|, without ratios of at most
    0.05. Its height is the sum.
    """
    return np.where(live(W).any(axis=1), stack_heights(W).max(axis=1), np.nan)


@metric(relu_hidden=True)
def median_stack_height(W: Float[np.ndarray, "run feature hidden"]) -> Float[np.ndarray, " run"]:
    """The median height of the stacks of the neurons that read a feature; NaN if none does."""
    return np.array([_median(h[reads]) for h, reads in zip(stack_heights(W), live(W), strict=True)])


@metric(relu_hidden=True)
def mono_rank(
    W: Float[np.ndarray, "run feature hidden"], importance: Float[np.ndarray, "run feature"]
) -> Float[np.ndarray, " run"]:
    """The mean rank of the largest feature over the mono neurons; rank 0 is the most important.

    It is NaN if there are none.
    """
    return _mean_rank(W, importance, 0)


@metric(relu_hidden=True)
def poly_rank(
    W: Float[np.ndarray, "run feature hidden"], importance: Float[np.ndarray, "run feature"]
) -> Float[np.ndarray, " run"]:
    """The mean rank of the largest feature over the polysemantic neurons; NaN if there are none."""
    return _mean_rank(W, importance, 2)


@metric(tied=False)
def rescaled_superposition(
    W: Float[np.ndarray, "run feature hidden"],
) -> Float[np.ndarray, "run feature"]:
    """The superposition of W scaled so that each neuron's largest |w| is 1.

    If W_out is free, a ReLU neuron's scale is arbitrary, so the superposition of W as trained says
    nothing.
    """
    return superposition(rescaled(np.asarray(W, np.float64), W)[0])


def _median(values: np.ndarray) -> float:
    """The median; NaN, without numpy's warning, if there are no values."""
    return float(np.median(values)) if len(values) else np.nan


def _mean_rank(W: np.ndarray, importance: np.ndarray, kind: int) -> np.ndarray:
    """The mean rank [run] over the neurons of a kind; NaN if there are none."""
    rank = (-importance).argsort(axis=1, kind="stable").argsort(axis=1)
    chosen = kinds(W) == kind
    ranks = np.take_along_axis(rank, largest_feature(W), axis=1)
    count = total(chosen)
    summed = total(np.where(chosen, ranks, 0))
    mean: np.ndarray = np.divide(summed, count, out=np.full(len(W), np.nan), where=count > 0)
    return mean
