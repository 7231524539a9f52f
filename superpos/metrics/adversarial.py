"""How much a small attack on the input costs (section "Superposition and Adversarial Robustness").

The attacks are analytic: along the rows of W^T W, of a length of a tenth of the mean input norm.
"""

import numpy as np

from superpos.data.held_out import Samples
from superpos.metrics import metric
from superpos.models import Variant
from superpos.numerics.compiled import numba
from superpos.numerics.ordered import gram_columns

SIZE = 0.1
"""Length of an attack over the mean norm of an input. PAPER: at most .1 of the average input norm."""


_FITTING = metric(
    tied=True, relu_hidden=False, absolute_target=False, signed=False, importance="one"
)


@_FITTING
def vulnerability(W: np.ndarray, b: np.ndarray, variant: Variant, samples: Samples) -> np.ndarray:
    """(L' - L) / (L'_0 - L_0) [run]: each input is attacked where that input suffers most.

    L' is the loss at x + eps G_i / ||G_i||, G = W^T W, for the worst i of every x; the target stays
    x. The model without superposition, W = [1_m 0] and b = p/2 on what it ignores, answers an attack
    on feature i < m by x_i + eps, so that L'_0 - L_0 = eps^2.

    ASSUME: the paper does not say whether the worst attack is picked for each input or once for
    all; it is picked for each input, because one for all stays below half of the paper's 8 times.
    """
    return _increases(W, b, variant, samples)[0]


@_FITTING
def vulnerability_to_one_attack(
    W: np.ndarray, b: np.ndarray, variant: Variant, samples: Samples
) -> np.ndarray:
    """The same [run] with one attack for all inputs, the worst on average."""
    return _increases(W, b, variant, samples)[1]


def _increases(
    W: np.ndarray, b: np.ndarray, variant: Variant, samples: Samples
) -> tuple[np.ndarray, np.ndarray]:
    samples.checked(b.shape[1])
    gram = np.stack(list(gram_columns(W)), axis=2)
    entries = (samples.start, samples.feature, samples.value.astype(np.float64), samples.weight)
    return _worst(gram, b.astype(np.float64), *entries, variant.relu_output)


@numba.njit(cache=True)
def _worst(gram, b, start, feature, value, weight, relu_output):
    """Increase of the loss over eps^2 [run], for the worst attack of each input and of all inputs."""
    runs, n = b.shape
    samples = len(weight)
    norm = np.zeros(samples)
    for s in range(samples):
        for entry in range(start[s], start[s + 1]):
            norm[s] += value[entry] * value[entry]
    mean = 0.0
    for s in range(samples):
        mean += weight[s] * np.sqrt(norm[s])
    size = SIZE * mean
    each, one = np.zeros(runs), np.zeros(runs)
    for run in range(runs):
        shift = _shifts(gram[run], size)
        y, x, attacked = np.empty(n), np.zeros(n), np.empty(n)
        average = np.zeros(n)
        total = 0.0
        for s in range(samples):
            y[:] = b[run]
            for entry in range(start[s], start[s + 1]):
                x[feature[entry]] = value[entry]
                for j in range(n):
                    y[j] += value[entry] * gram[run, feature[entry], j]
            attacked[:] = 0.0
            clean = 0.0
            for j in range(n):
                clean += (_output(y[j], relu_output) - x[j]) ** 2
                for i in range(n):
                    error = _output(y[j] + shift[j, i], relu_output) - x[j]
                    attacked[i] += error * error
            worst = attacked[0]
            for i in range(n):
                average[i] += weight[s] * (attacked[i] - clean)
                worst = max(worst, attacked[i])
            total += weight[s] * (worst - clean)
            for entry in range(start[s], start[s + 1]):
                x[feature[entry]] = 0.0
        each[run] = total / (size * size)
        one[run] = average.max() / (size * size)
    return each, one


@numba.njit(cache=True)
def _shifts(gram, size):
    """What attack i adds to output j before the ReLU, [j, i]: eps (G G_i)_j / ||G_i||."""
    n = len(gram)
    shift = np.zeros((n, n))
    for i in range(n):
        squared = 0.0
        for k in range(n):
            squared += gram[i, k] * gram[i, k]
        if squared == 0.0:
            continue
        for k in range(n):
            along = size * gram[i, k] / np.sqrt(squared)
            for j in range(n):
                shift[j, i] += along * gram[k, j]
    return shift


@numba.njit(cache=True, inline="always")
def _output(y, relu_output):
    return max(y, 0.0) if relu_output else y
