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

from superpos import given, needs, offers, plugins
from superpos.divergence import PARAMETERS, blanked, diverged, zeroed

Metric = Callable[..., np.ndarray]


def names() -> list[str]:
    """The names that the config may give."""
    return sorted(_functions())


def find(name: str) -> Metric:
    """The metric of that name; raises a ValueError where there is none."""
    known = _functions()
    plugins.refuse_unknown("metric", name, sorted(known))
    return known[name]


def compute(names: str | Iterable[str], arrays: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Each named metric of the arrays, NaN for runs that have diverged.

    The arrays may be of numpy, torch or another library; one model's arrays, without the run axis,
    give values without it. Raises a ValueError if a metric needs an array that is not given, or if
    shapes do not fit.
    """
    found, single = given.runs(arrays)
    parameters = [found[name] for name in PARAMETERS if found.get(name) is not None]
    bad = diverged(*parameters) if parameters else np.zeros(0, bool)
    sound = zeroed(found, bad) if parameters else found
    wanted = [names] if isinstance(names, str) else list(names)
    measured = {name: _apply(name, find(name), sound) for name in wanted}
    whole = {name: blanked(v, bad) if parameters else v for name, v in measured.items()}
    return {name: values[0] for name, values in whole.items()} if single else whole


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
