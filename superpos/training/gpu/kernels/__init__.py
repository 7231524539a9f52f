"""Kernels in Triton: importing them needs Triton, running them a GPU or Triton's interpreter."""
