"""Diverged runs after their training: how they are left out of what is computed, and told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from superpos.numerics.divergence import PARAMETERS, blanked

if TYPE_CHECKING:
    from jaxtyping import Bool


def zeroed(arrays: Mapping[str, Any], bad: Bool[np.ndarray, " run"]) -> dict[str, Any]:
    """The arrays with the parameters of diverged runs set to 0; apply `blanked` to what is computed from
    them."""
    if not bad.any():
        return dict(arrays)
    return {
        name: blanked(array, bad, 0) if name in PARAMETERS and array is not None else array
        for name, array in arrays.items()
    }


def describe_diverged(bad: Bool[np.ndarray, " run"]) -> str:
    """A text such as "3 of 24 runs diverged"; empty if none did."""
    return f"{int(bad.sum())} of {len(bad)} runs diverged" if bad.any() else ""
