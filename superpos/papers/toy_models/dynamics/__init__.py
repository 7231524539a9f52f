"""Superposition and Learning Dynamics."""
