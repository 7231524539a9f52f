"""The path `whole_set`: uses all rows of a finite training set in every step."""

from superpos.training.kernels.laws import every_sample as law
from superpos.training.kernels.loops.whole_set import batch, train

__all__ = ["batch", "law", "train"]
