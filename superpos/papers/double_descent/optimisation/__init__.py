"""Circuits Updates, July 2023: the middle regime as a failure of optimisation."""
