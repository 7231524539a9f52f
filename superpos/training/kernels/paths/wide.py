"""The path `wide`: draws every sample, for a wide model whose steady outputs are summed in closed form."""

from superpos.training.kernels.laws import every_sample as law
from superpos.training.kernels.loops.wide import batch, carried_size, train

__all__ = ["batch", "carried_size", "law", "train"]
