"""The path `masked_compact`: draws only non-empty samples, and skips inputs and deltas that are 0."""

from superpos.training.kernels.laws import filled_samples as law
from superpos.training.kernels.loops.masked import train

__all__ = ["law", "train"]
