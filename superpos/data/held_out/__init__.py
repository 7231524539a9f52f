"""Held-out samples, drawn once for each distribution.

A set has two halves that share no sample: `pick` chooses the best of k runs, `report` gives its loss.
"""

from superpos.data.held_out.drawing import draw_held_out, draw_samples
from superpos.data.held_out.samples import (
    ARRAY_TYPES,
    HALVES,
    Samples,
    by_distribution,
    dense_array,
    sparse,
    sparse_arrays,
)

__all__ = [
    "ARRAY_TYPES", "HALVES", "Samples", "by_distribution", "dense_array", "draw_held_out",
    "draw_samples", "sparse", "sparse_arrays",
]  # fmt: skip
