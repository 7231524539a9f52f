"""How training tells how far it is: the type of a callback, and one that does nothing."""

from collections.abc import Callable

Progress = Callable[[float], None]
"""Is called with the fraction of the work that is complete, 0 to 1."""


def no_progress(fraction: float) -> None:
    """Report nothing."""
