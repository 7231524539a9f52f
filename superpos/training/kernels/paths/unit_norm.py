"""The path `unit_norm`: draws fresh samples of unit norm."""

from superpos.training.kernels.loops.unit_norm import batch, train
from superpos.training.kernels.skips import skip_law as law

__all__ = ["batch", "law", "train"]
