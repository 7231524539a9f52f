"""Metrics by name: the functions of this folder's files that `@metric` marks.

A metric takes arrays with a leading run axis and returns [run] or [run, feature]. Its parameter names
say what it is given: W, W_out [run, feature, hidden]; b, importance, density [run, feature];
`variant`, the model's properties; `data`, how x is drawn; `samples`, the condition's held-out
samples; `mean_norm`, the mean norm of x over all conditions of the experiment; `training`, the finite
training set. A metric that takes `training` returns [run] or [run, sample]. The arguments of
`@metric(tied=True)` say which models and distributions it holds for.
"""

import importlib
from collections.abc import Callable
from typing import Any, overload

from superpos.config.needs import Function, Needs

__all__ = ["compute", "find", "metric", "names"]


@overload
def metric(function: Function, /) -> Function: ...
@overload
def metric(**what: Any) -> Callable[[Function], Function]: ...
def metric(function: Function | None = None, /, **what: Any) -> Any:
    """Mark a function as a metric; `what` says for which experiments it is valid, as fields of `Needs`."""

    def marked(marked: Function) -> Function:
        marked.is_metric, marked.needs = True, Needs(**what)  # type: ignore[attr-defined]
        return marked

    return marked if function is None else marked(function)


def __dir__() -> list[str]:
    return [*__all__]


# Loaded on first use, so that importing one metric does not import the code that finds all of them.
def __getattr__(name: str) -> Callable[..., Any]:
    if name not in __all__:
        raise AttributeError(f"superpos.metrics has no {name!r}; it has {', '.join(__all__)}")
    found: Callable[..., Any] = getattr(importlib.import_module(f"{__name__}.by_name"), name)
    return found
