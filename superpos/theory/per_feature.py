"""Numbers and lists that people give for arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from superpos.numerics.masked import refuse_masked

if TYPE_CHECKING:
    from jaxtyping import Float

Row = Sequence[float]
Rows = Sequence[Sequence[float]]


def per_feature(
    name: str, value: float | Row | Float[np.ndarray, " ..."], n: int
) -> Float[np.ndarray, " {n}"]:
    """The value of each of n features [n], where one number holds for all.

    Raises a ValueError with the array's name if there is neither one number nor n of them.
    """
    found = _array(name, value)
    if found.shape not in ((), (n,)):
        raise ValueError(
            f"{name} has shape {found.shape}, but W has {n} features; give one number, or one for each"
        )
    return np.broadcast_to(found, n)


def rows(name: str, value: Rows | Float[np.ndarray, " ..."]) -> Float[np.ndarray, "row column"]:
    """The value as an array [row, column]; raises a ValueError with its name if it has other axes."""
    found = _array(name, value)
    if found.ndim != 2:
        raise ValueError(
            f"{name} has shape {found.shape}; give an array of two axes, or a list of rows"
        )
    return found


def _array(name: str, value: float | Row | Rows | np.ndarray) -> np.ndarray:
    refuse_masked(name, value)
    return np.asarray(value, float)
