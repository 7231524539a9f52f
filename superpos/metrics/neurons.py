"""How many neurons read one feature, or several (sections on a privileged basis and computation)."""

import numpy as np

from superpos import neurons
from superpos.metrics._ordered import total
from superpos.metrics.geometry import superposition
from superpos.needs import requires


@requires(relu_hidden=True)
def single_feature_neurons(W: np.ndarray) -> np.ndarray:
    """Number of neurons that fire on one feature [run]. Source: "Superposition in a Privileged Basis"."""
    return total(neurons.single_feature(W))


@requires(relu_hidden=True)
def mono_neurons(W: np.ndarray) -> np.ndarray:
    """Number of neurons whose stack is lower than 1.1 [run]."""
    return total(neurons.kinds(W) == 0)


@requires(relu_hidden=True)
def slightly_poly_neurons(W: np.ndarray) -> np.ndarray:
    """Number of neurons whose stack is in 1.1 to 1.5 [run]."""
    return total(neurons.kinds(W) == 1)


@requires(relu_hidden=True)
def poly_neurons(W: np.ndarray) -> np.ndarray:
    """Number of neurons whose stack is 1.5 or higher [run]."""
    return total(neurons.kinds(W) == 2)


@requires(relu_hidden=True)
def max_stack_height(W: np.ndarray) -> np.ndarray:
    """Height of the highest stack [run]."""
    return neurons.stack_heights(W).max(axis=1)


@requires(relu_hidden=True)
def median_stack_height(W: np.ndarray) -> np.ndarray:
    """Median height of the stacks [run]."""
    return np.median(neurons.stack_heights(W), axis=1)


@requires(relu_hidden=True)
def mono_rank(W: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Mean rank of the largest feature over the mono neurons [run]; 0 is the most important."""
    return _mean_rank(W, importance, 0)


@requires(relu_hidden=True)
def poly_rank(W: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Mean rank of the largest feature over the polysemantic neurons [run]; NaN without any."""
    return _mean_rank(W, importance, 2)


@requires(tied=False)
def rescaled_superposition(W: np.ndarray) -> np.ndarray:
    """Superposition [run, feature] of W with each neuron's largest |w| made 1.

    A ReLU neuron's scale is arbitrary where W_out is free, so that of W as trained says nothing.
    """
    return superposition(neurons.rescaled(np.asarray(W, np.float64), W)[0])


def _mean_rank(W: np.ndarray, importance: np.ndarray, kind: int) -> np.ndarray:
    """Mean over the neurons of a kind; NaN where there is none."""
    rank = (-importance).argsort(axis=1, kind="stable").argsort(axis=1)
    chosen = neurons.kinds(W) == kind
    ranks = np.take_along_axis(rank, neurons.largest_feature(W), axis=1)
    count = total(chosen)
    summed = total(np.where(chosen, ranks, 0))
    return np.divide(summed, count, out=np.full(len(W), np.nan), where=count > 0)
