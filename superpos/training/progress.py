"""Callbacks by which training reports its progress."""

from collections.abc import Callable

Progress = Callable[[float], None]
"""A function that is called with the fraction of the work that is complete, from 0 to 1."""


def no_progress(fraction: float) -> None:
    """Report nothing."""
