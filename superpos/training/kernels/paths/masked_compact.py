"""The path `masked_compact`: the samples that are not empty, passing over the hidden units that are 0."""

from superpos.training.kernels.laws import filled_samples as law
from superpos.training.kernels.loops.masked import train

__all__ = ["law", "train"]
