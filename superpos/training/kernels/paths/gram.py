"""The path `gram`: visits only the active entries of x, with two rows of W W^T for each."""

from superpos.training.kernels.loops.gram import batch, train
from superpos.training.kernels.skips import skip_law as law

__all__ = ["batch", "law", "train"]
