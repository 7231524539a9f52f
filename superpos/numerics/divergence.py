"""When a run has diverged, and what its numbers are then: NaN, so that nothing takes them for results."""

from collections.abc import Mapping
from typing import Any

import numpy as np

LARGEST = 2.0**50
"""Parameters beyond this count as diverged too: products of float32 numbers soon overflow, and a sum
of two infinities that a ReLU then drops leaves a loss that looks sound."""
PARAMETERS = ("W", "W_out", "b")


def diverged(*parameters: np.ndarray | None) -> np.ndarray:
    """Whether a parameter is not finite or beyond LARGEST, [run]; each has a leading run axis."""
    given = [np.asarray(a) for a in parameters if a is not None]
    sound = [(np.abs(a) <= LARGEST).all(axis=tuple(range(1, a.ndim))) for a in given]
    return ~np.logical_and.reduce(sound)


def zeroed(arrays: Mapping[str, Any], bad: np.ndarray) -> dict[str, Any]:
    """The arrays with parameters of 0 where a run has diverged: what is computed of them is blanked."""
    if not bad.any():
        return dict(arrays)
    return {
        name: blanked(array, bad, 0) if name in PARAMETERS and array is not None else array
        for name, array in arrays.items()
    }


def blanked(values: np.ndarray, bad: np.ndarray, by: float = np.nan) -> np.ndarray:
    """The values [run, ...], those of diverged runs replaced; whole numbers become float for NaN."""
    if not bad.any():
        return values
    return np.where(bad.reshape(-1, *[1] * (values.ndim - 1)), by, values)


def told(bad: np.ndarray) -> str:
    """ "3 of 24 runs diverged"; nothing if none did."""
    return f"{int(bad.sum())} of {len(bad)} runs diverged" if bad.any() else ""
