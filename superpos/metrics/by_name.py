"""Find metrics by name and apply them to the arrays of models."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from superpos import lookup
from superpos.config import needs
from superpos.config.needs import Offer
from superpos.metrics import array_likes
from superpos.metrics.sharing import sharing
from superpos.numerics.divergence import PARAMETERS, blanked, diverged, zeroed

Metric = Callable[..., np.ndarray]


def names() -> list[str]:
    """The names of all metrics, which a config may give."""
    return list(lookup.metrics())


def find(name: str) -> Metric:
    """The metric of that name; raises a ValueError if there is none."""
    known = lookup.metrics()
    lookup.refuse_unknown("metric", name, list(known))
    return known[name]


def compute(names: str | Iterable[str], arrays: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The values of each named metric, by its name; NaN for runs that have diverged.

    The arrays may belong to numpy, torch or another library. One model's arrays, without the run
    axis, give values without it. Raises a ValueError if a metric needs an array that is not given, or
    if the shapes do not fit.
    """
    found, single = array_likes.with_run_axis(arrays)
    parameters = [found[name] for name in PARAMETERS if found.get(name) is not None]
    bad = diverged(*parameters) if parameters else np.zeros(0, bool)
    sound = zeroed(found, bad) if parameters else found
    wanted = [names] if isinstance(names, str) else list(names)
    offer = _offer(sound)
    with sharing():
        measured = {name: _apply(name, sound.get, offer) for name in wanted}
    whole = {name: blanked(v, bad) if parameters else v for name, v in measured.items()}
    return {name: values[0] for name, values in whole.items()} if single else whole


def _apply(name: str, given: Callable[[str], Any], offer: needs.Offer) -> np.ndarray:
    """Apply a metric; `given` returns the argument for a parameter's name, or None."""
    metric = find(name)
    arguments = {parameter: given(parameter) for parameter in inspect.signature(metric).parameters}
    if missing := [parameter for parameter, value in arguments.items() if value is None]:
        raise ValueError(
            f"metric {name!r} needs {', '.join(missing)}, which these runs do not have"
        )
    if lacking := needs.misfit(needs.needs_of(metric), [offer]):
        raise ValueError(f"metric {name!r} {lacking}")
    return metric(**arguments)


def _offer(arrays: Mapping[str, Any]) -> Offer:
    """What models given as arrays have: their shape, and `variant` and `data` if these are given."""
    columns: dict[str, list[Any]] = {}
    if arrays.get("W") is not None:
        columns["n_features"], columns["n_hidden"] = ([n] for n in arrays["W"].shape[1:])
    if arrays.get("variant") is not None:
        columns["model"] = [arrays["variant"]]
    if arrays.get("data") is not None:
        data = arrays["data"]
        columns |= {"data": [data.name], "signed": [data.signed], "data_sets": [data.sets]}
    return Offer("this model", columns)
