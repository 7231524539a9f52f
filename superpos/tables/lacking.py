"""Say what to do if a figure or a claim reads the column of a metric that was not measured."""

from collections.abc import Iterator
from contextlib import contextmanager

from superpos import lookup


@contextmanager
def wanted(whose: str) -> Iterator[None]:
    """Turn the KeyError for a metric's column into a ValueError that names its reader and the fix."""
    try:
        yield
    except KeyError as error:
        if error.args[0] not in lookup.metrics():
            raise
        what = f"{whose} needs the metric {error.args[0]}"
        raise ValueError(f"{what}; add it to `metrics` of its experiments") from None
