"""Kernels in Triton: importing them needs Triton, running them a GPU or Triton's interpreter."""

from superpos import lookup

with lookup.extra("gpu"):
    import triton  # noqa: F401
