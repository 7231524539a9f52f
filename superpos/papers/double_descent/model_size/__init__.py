"""Data and model size together."""
