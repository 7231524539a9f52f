"""The path `dense`: draws every sample, and uses dense products."""

from superpos.training.kernels.laws import every_sample as law
from superpos.training.kernels.loops.dense import batch, train

__all__ = ["batch", "law", "train"]
