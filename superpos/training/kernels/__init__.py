"""Compiled kernels of the fused engine. Every sum has a fixed order, so every CPU gives the same bytes."""

from superpos.numerics import compiled as compiled  # decides where numba stores compiled code
