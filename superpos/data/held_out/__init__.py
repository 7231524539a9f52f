"""Held-out samples, drawn once for each distribution.

A set has two halves that share no sample: `pick` chooses the best of k runs, `report` gives its loss.
"""

from superpos.data.held_out.drawing import draw_held_out, draw_samples
from superpos.data.held_out.samples import HALVES, by_distribution, sparse
from superpos.numerics.samples import Samples

__all__ = ["HALVES", "Samples", "by_distribution", "draw_held_out", "draw_samples", "sparse"]
