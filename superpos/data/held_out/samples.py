"""Held-out samples as sparse arrays, in memory and in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from superpos.data.held_out.entries import Entries, entries_of
from superpos.numerics.samples import Samples

if TYPE_CHECKING:
    from jaxtyping import Float

HALVES = ("pick", "report")
"""`pick` chooses the best of k runs; `report` gives its loss."""


def weighted(entries: Entries, weight: Float[np.ndarray, " sample"]) -> Samples:
    """Weighted samples from their entries."""
    start = np.r_[0, entries.count.cumsum()].astype(np.int64)
    return Samples(start, entries.feature, entries.value, weight)


def sparse(x: Float[np.ndarray, "sample feature"], weight: Float[np.ndarray, " sample"]) -> Samples:
    """Weighted samples from a matrix x."""
    return weighted(entries_of(x), weight)


def by_distribution(
    arrays: Mapping[str, np.ndarray],
) -> dict[tuple[str, str], Samples]:
    """Samples by (half, distribution), from arrays named half.distribution.part."""
    parts: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        half, distribution, part = name.split(".")
        parts.setdefault((half, distribution), {})[part] = array
    return {key: Samples(**named) for key, named in parts.items()}
