"""Compute intermediate results that several metrics share only once in a call of
`superpos.metrics.compute`."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_KNOWN: ContextVar[dict[tuple[Any, ...], Any] | None] = ContextVar("known", default=None)


@contextmanager
def sharing() -> Iterator[None]:
    """A context in which functions marked as `shared` cache their results, and the arguments."""
    token = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(token)


def shared(function: Callable[P, T]) -> Callable[P, T]:
    """Compute the result for the same objects as arguments only once while results are kept."""

    form = inspect.signature(function)

    @wraps(function)
    def found(*args: P.args, **kwargs: P.kwargs) -> T:
        known = _KNOWN.get()
        if known is None:
            return function(*args, **kwargs)
        given = form.bind(*args, **kwargs).args
        key = function, *map(id, given)
        if key not in known:
            # The arguments are kept with the result, so that no other object gets their ids.
            known[key] = given, function(*args, **kwargs)
        result: T = known[key][1]
        return result

    return found
