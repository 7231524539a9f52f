"""The path `controlled`: draws every sample and uses a control variate."""

from superpos.training.kernels.laws import every_sample as law
from superpos.training.kernels.loops.controlled import train

__all__ = ["law", "train"]
