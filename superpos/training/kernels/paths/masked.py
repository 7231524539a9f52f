"""The path `masked`: every sample, passing over the hidden units that are 0."""

from superpos.training.kernels.laws import every_sample as law
from superpos.training.kernels.loops.masked import train

__all__ = ["law", "train"]
