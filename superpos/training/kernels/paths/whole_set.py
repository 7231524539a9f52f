"""The path `whole_set`: all rows of a finite training set."""

from superpos.training.kernels.laws import every_sample as law
from superpos.training.kernels.loops.whole_set import batch, train

__all__ = ["batch", "law", "train"]
