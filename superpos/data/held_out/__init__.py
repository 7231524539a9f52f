"""Held-out samples, drawn once for each distribution.

A set has two halves that share no sample: `pick` chooses the best of k runs, `report` gives its loss.
"""

from superpos.data.held_out.drawing import draw_samples, held_out
from superpos.data.held_out.samples import (
    HALVES,
    KINDS,
    Samples,
    by_distribution,
    dense_array,
    sparse,
    sparse_arrays,
)

__all__ = [
    "HALVES", "KINDS", "Samples", "by_distribution", "dense_array", "draw_samples", "held_out", "sparse",
    "sparse_arrays",
]  # fmt: skip
