"""Sums and inner products in a fixed order, so that they have the same bits on every machine.

The order of summation in BLAS and in numpy's reductions depends on the CPU. Here terms are
added one after another, in float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64, Shaped


def total(x: Shaped[np.ndarray, "*axes term"]) -> Float64[np.ndarray, "*axes"]:
    """Sum over the last axis, from the first term to the last.

    Python's `sum` does so up to version 3.11; from 3.12 on it corrects rounding, and other digits come last.
    """
    return np.add.accumulate(np.asarray(x, np.float64), axis=-1)[..., -1]


def squared_norms(W: Shaped[np.ndarray, "*axes hidden"]) -> Float64[np.ndarray, "*axes"]:
    """‖W_i‖² of each feature."""
    return total(np.square(np.asarray(W, np.float64)))


def gram_columns(
    W: Shaped[np.ndarray, "run feature hidden"],
) -> Iterator[Float64[np.ndarray, "run feature"]]:
    """Yield W_i · W_j [run, i] for j = 0, 1, ..., one column at a time to save memory."""
    hidden_first = np.ascontiguousarray(np.moveaxis(np.asarray(W, np.float64), 2, 0))
    product = np.empty(W.shape[:2])
    for j in range(W.shape[1]):
        column = np.zeros(W.shape[:2])
        for w in hidden_first:
            column += np.multiply(w, w[:, j : j + 1], out=product)
        yield column
