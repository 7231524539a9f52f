"""The path `split`: draws samples with one feature on separately from those with more."""

from superpos.training.kernels.laws import split_samples as law
from superpos.training.kernels.loops.dense import train

__all__ = ["law", "train"]
