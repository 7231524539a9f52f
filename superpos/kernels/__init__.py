"""Compiled kernels of the fused engine. Every sum has a fixed order, so the bytes are the same on every CPU."""
