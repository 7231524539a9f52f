"""Find metrics by name, and apply them to the arrays of models."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from superpos import lookup
from superpos.config import needs, offers
from superpos.metrics import given
from superpos.numerics.divergence import PARAMETERS, blanked, diverged, zeroed

Metric = Callable[..., np.ndarray]


def names() -> list[str]:
    """The names that the config may give."""
    return list(lookup.metrics())


def find(name: str) -> Metric:
    """The metric of that name; raises a ValueError where there is none."""
    known = lookup.metrics()
    lookup.refuse_unknown("metric", name, list(known))
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


def _apply(name: str, metric: Metric, arrays: Mapping[str, Any]) -> np.ndarray:
    asked = list(inspect.signature(metric).parameters)
    missing = [array for array in asked if arrays.get(array) is None]
    if missing:
        raise ValueError(f"metric {name!r} needs {', '.join(missing)}, absent in these runs")
    if lacking := needs.misfit(needs.of(metric), [offers.of_model(arrays)]):
        raise ValueError(f"metric {name!r} {lacking}")
    return metric(**{array: arrays[array] for array in asked})
