"""Metrics by name: the public functions of the files in this folder.

A metric takes arrays with a leading run axis and returns [run] or [run, feature]. It states what
it needs by its parameter names: W, W_out [run, feature, hidden]; b, importance, density
[run, feature]; `variant`, the model's; `data`, how x is drawn; `samples`, the condition's held-out
samples. What it holds for, such as one model or one distribution, it declares by `needs.requires`.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from superpos import needs, offers, plugins

Metric = Callable[..., np.ndarray]


def names() -> list[str]:
    """The names that the config may give."""
    return sorted(_functions())


def find(name: str) -> Metric:
    """The metric of that name; raises a ValueError where there is none."""
    known = _functions()
    plugins.refuse_unknown("metric", name, sorted(known))
    return known[name]


def compute(names: Iterable[str], arrays: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Each named metric of the arrays; raises a ValueError where one needs an array not given."""
    return {name: _apply(name, find(name), arrays) for name in names}


@contextmanager
def wanted(whose: str) -> Iterator[None]:
    """Turn the lack of a metric's column into a ValueError that names who wants it and the fix."""
    try:
        yield
    except KeyError as error:
        if error.args[0] not in names():
            raise
        what = f"{whose} needs the metric {error.args[0]}"
        raise ValueError(f"{what}; add it to `metrics` of its experiments") from None


def _apply(name: str, metric: Metric, arrays: Mapping[str, Any]) -> np.ndarray:
    asked = list(inspect.signature(metric).parameters)
    missing = [array for array in asked if arrays.get(array) is None]
    if missing:
        raise ValueError(f"metric {name!r} needs {', '.join(missing)}, absent in these runs")
    if lacking := needs.misfit(needs.of(metric), [offers.of_model(arrays)]):
        raise ValueError(f"metric {name!r} {lacking}")
    return metric(**{array: arrays[array] for array in asked})


def _functions() -> dict[str, Metric]:
    files = [m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_"]
    modules = [importlib.import_module(f"{__name__}.{file}") for file in files]
    return {
        name: function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if name[0] != "_" and function.__module__ == module.__name__
    }
