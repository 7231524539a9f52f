"""The path `compact`: draws only samples that are not empty."""

from superpos.training.kernels.laws import filled_samples as law
from superpos.training.kernels.loops.dense import train

__all__ = ["law", "train"]
