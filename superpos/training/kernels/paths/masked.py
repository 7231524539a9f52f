"""The path `masked`: draws every sample, and skips inputs and deltas that are 0."""

from superpos.training.kernels.laws import every_sample as law
from superpos.training.kernels.loops.masked import train

__all__ = ["law", "train"]
