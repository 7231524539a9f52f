"""Compiled kernels of the fused engine: the same bytes on every CPU, for every sum has a fixed order."""

from superpos.numerics import compiled as compiled  # it decides where numba stores them
