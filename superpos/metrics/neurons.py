"""What single neurons read and write (sections on a privileged basis and on computation).

W [..., feature, hidden] holds the weight of feature i into neuron k, W_out the weight of neuron k
into output i; any axes may lead.
"""

import numpy as np

from superpos.metrics import metric
from superpos.metrics.geometry import superposition
from superpos.numerics.ordered import total

SHARE = 0.3
"""Part of a neuron's largest positive weight from which another weight counts."""
NEGLIGIBLE = 0.05
"""Part of a neuron's largest weight below which a weight adds nothing to its stack."""
SLIGHT, POLY = 1.1, 1.5
"""Stack heights from which a neuron is slightly polysemantic, and polysemantic."""
KINDS = ("mono", "slightly poly", "poly")


def rescaled(W: np.ndarray, W_out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both matrices with each neuron's largest |W| made 1 and W_out multiplied by the inverse.

    The function is unchanged, since ReLU(s h) = s ReLU(h). A neuron that reads nothing stays.
    Source: section "Computation in Superposition", footnote 15.
    """
    scale = np.abs(W).max(axis=-2, keepdims=True)
    scale = np.where(scale > 0, scale, 1.0)
    return W / scale, W_out * scale


def single_feature(W: np.ndarray) -> np.ndarray:
    """Whether each neuron reads one feature [..., hidden]: one |w| is above SHARE of its largest w.

    ASSUME: the paper tints neurons by eye; .3 is our threshold. It is relative to the largest
    positive weight, since a ReLU neuron fires on positive weights only, and a large inhibiting
    weight must not hide the other features that it fires on.
    """
    W = np.asarray(W, np.float64)
    largest = W.max(axis=-2)
    counted = np.abs(W) > SHARE * largest[..., None, :]
    return (counted.sum(axis=-2) == 1) & (largest > 0)


def main_entries(W: np.ndarray, share: float = 0.5) -> np.ndarray:
    """Which neurons carry each feature [..., feature, hidden]: entries above `share` of its largest."""
    W = np.asarray(W, np.float64)
    return share * W.max(axis=-1, keepdims=True) < W


def stacks(W: np.ndarray) -> np.ndarray:
    """|W| of each neuron over its largest [..., feature, hidden]; 0 where at most NEGLIGIBLE of it."""
    size = np.abs(np.asarray(W, np.float64))
    largest = size.max(axis=-2, keepdims=True)
    relative = np.divide(size, largest, out=np.zeros_like(size), where=largest > 0)
    return np.where(relative > NEGLIGIBLE, relative, 0.0)


def stack_heights(W: np.ndarray) -> np.ndarray:
    """Height of each neuron's stack [..., hidden]: 1 where it reads a single feature."""
    return total(np.moveaxis(stacks(W), -2, -1))


def kinds(W: np.ndarray) -> np.ndarray:
    """0 mono, 1 slightly polysemantic, 2 polysemantic [..., hidden], by the height of the stack.

    ASSUME: the paper judges by eye; heights of 1.1 and 1.5 are our thresholds.
    """
    return np.digitize(stack_heights(W), [SLIGHT, POLY])


def largest_feature(W: np.ndarray) -> np.ndarray:
    """The feature of each neuron's largest |w| [..., hidden]."""
    return np.abs(W).argmax(axis=-2)


def by_importance(W: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Neurons [hidden] of one model from the most important largest feature to the least."""
    main = importance[largest_feature(W)]
    return np.lexsort((stack_heights(W), -main))


@metric(relu_hidden=True)
def single_feature_neurons(W: np.ndarray) -> np.ndarray:
    """Number of neurons that fire on one feature [run]. Source: "Superposition in a Privileged Basis"."""
    return total(single_feature(W))


@metric(relu_hidden=True)
def mono_neurons(W: np.ndarray) -> np.ndarray:
    """Number of neurons whose stack is lower than 1.1 [run]."""
    return total(kinds(W) == 0)


@metric(relu_hidden=True)
def slightly_poly_neurons(W: np.ndarray) -> np.ndarray:
    """Number of neurons whose stack is in 1.1 to 1.5 [run]."""
    return total(kinds(W) == 1)


@metric(relu_hidden=True)
def poly_neurons(W: np.ndarray) -> np.ndarray:
    """Number of neurons whose stack is 1.5 or higher [run]."""
    return total(kinds(W) == 2)


@metric(relu_hidden=True)
def max_stack_height(W: np.ndarray) -> np.ndarray:
    """Height of the highest stack [run]."""
    return stack_heights(W).max(axis=1)


@metric(relu_hidden=True)
def median_stack_height(W: np.ndarray) -> np.ndarray:
    """Median height of the stacks [run]."""
    return np.median(stack_heights(W), axis=1)


@metric(relu_hidden=True)
def mono_rank(W: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Mean rank of the largest feature over the mono neurons [run]; 0 is the most important."""
    return _mean_rank(W, importance, 0)


@metric(relu_hidden=True)
def poly_rank(W: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Mean rank of the largest feature over the polysemantic neurons [run]; NaN without any."""
    return _mean_rank(W, importance, 2)


@metric(tied=False)
def rescaled_superposition(W: np.ndarray) -> np.ndarray:
    """Superposition [run, feature] of W with each neuron's largest |w| made 1.

    A ReLU neuron's scale is arbitrary where W_out is free, so that of W as trained says nothing.
    """
    return superposition(rescaled(np.asarray(W, np.float64), W)[0])


def _mean_rank(W: np.ndarray, importance: np.ndarray, kind: int) -> np.ndarray:
    """Mean over the neurons of a kind; NaN where there is none."""
    rank = (-importance).argsort(axis=1, kind="stable").argsort(axis=1)
    chosen = kinds(W) == kind
    ranks = np.take_along_axis(rank, largest_feature(W), axis=1)
    count = total(chosen)
    summed = total(np.where(chosen, ranks, 0))
    return np.divide(summed, count, out=np.full(len(W), np.nan), where=count > 0)
