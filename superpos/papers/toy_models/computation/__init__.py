"""Computation in Superposition."""
