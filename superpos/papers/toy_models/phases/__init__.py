"""Superposition as a Phase Change."""
