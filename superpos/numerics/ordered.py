"""Sums and inner products in a fixed order, so that they have the same bits on every machine.

No BLAS and no numpy reduction, whose order of summation depends on the CPU: element by element,
in float64, one term after another.
"""

from collections.abc import Iterator

import numpy as np


def total(x: np.ndarray) -> np.ndarray:
    """Sum over the last axis, first term to last."""
    return np.add.accumulate(np.asarray(x, np.float64), axis=-1)[..., -1]


def squared_norms(W: np.ndarray) -> np.ndarray:
    """||W_i||^2 [run, feature]."""
    return total(np.square(np.asarray(W, np.float64)))


def gram_columns(W: np.ndarray) -> Iterator[np.ndarray]:
    """W_i . W_j [run, i] for j = 0, 1, ...: a column at a time, so no whole matrix is held."""
    hidden_first = np.ascontiguousarray(np.moveaxis(np.asarray(W, np.float64), 2, 0))
    product = np.empty(W.shape[:2])
    for j in range(W.shape[1]):
        column = np.zeros(W.shape[:2])
        for w in hidden_first:
            column += np.multiply(w, w[:, j : j + 1], out=product)
        yield column
