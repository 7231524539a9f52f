"""When a run counts as diverged. Its numbers are then NaN, so that they cannot pass for results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Shaped

LARGEST = 2.0**50
"""A run with a parameter beyond this counts as diverged.

Products of such float32 numbers soon overflow, and a ReLU may then drop the NaN of two infinities,
which leaves a loss that looks valid.
"""
PARAMETERS = ("W", "W_out", "b")


def diverged(*parameters: Shaped[np.ndarray, "run ..."] | None) -> Bool[np.ndarray, " run"]:
    """Whether some parameter of a run is not finite, or is beyond LARGEST."""
    given = [np.asarray(a) for a in parameters if a is not None]
    sound = [(np.abs(a) <= LARGEST).all(axis=tuple(range(1, a.ndim))) for a in given]
    bad: np.ndarray = ~np.logical_and.reduce(sound)
    return bad


def blanked(
    values: Shaped[np.ndarray, "run ..."], bad: Bool[np.ndarray, " run"], by: float = np.nan
) -> Shaped[np.ndarray, "run ..."]:
    """The values, with those of diverged runs replaced; integers become floats to hold NaN."""
    if not bad.any():
        return values
    return np.where(bad.reshape(-1, *[1] * (values.ndim - 1)), by, values)
