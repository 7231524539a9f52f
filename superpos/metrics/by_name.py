"""Find metrics by name and apply them to the arrays of models."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from superpos import lookup
from superpos.config import needs
from superpos.config.condition import Data
from superpos.config.messages import one_line, read_record
from superpos.config.needs import Offer
from superpos.data.held_out import Samples, sparse
from superpos.metrics import array_likes
from superpos.metrics.sharing import sharing
from superpos.models import Variant
from superpos.numerics.diverged_runs import zeroed
from superpos.numerics.divergence import PARAMETERS, blanked, diverged

Metric = Callable[..., np.ndarray]
RECORDS = {"variant": Variant, "data": Data, "samples": Samples, "training": Samples}
"""The arguments of metrics that are not arrays of numbers, and their types."""


def names() -> list[str]:
    """The names of all metrics, which a config may give."""
    return list(lookup.metrics())


def find(name: str) -> Metric:
    """The metric of that name; raises a ValueError if there is none."""
    known = lookup.metrics()
    try:
        lookup.refuse_unknown("metric", name, list(known))
    except ValueError as error:
        raise ValueError(one_line(str(error))) from None
    return known[name]


def compute(names: str | Iterable[str], arrays: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The values of each named metric, by its name; NaN for runs that have diverged.

    The arrays may belong to numpy, torch or another library. One model's arrays, without the run
    axis, give values without it. `variant` and `data` may be names of a model and a distribution,
    `samples` and `training` arrays x [sample, feature]. Raises a ValueError if a metric needs an array
    that is not given, if the shapes do not fit, or if a W_out is given for a tied model.
    """
    if not isinstance(arrays, Mapping):
        kind = type(arrays).__name__
        raise ValueError(
            f"arrays: an object of type {kind}; give a mapping of names to arrays, such as {{'W': W}}"
        )
    found, single = array_likes.with_run_axis(arrays)
    W = found.get("W")
    n_features = None if W is None else W.shape[1]
    given = {key: found[key] for key in RECORDS if found.get(key) is not None}
    found |= {key: _record(key, value, n_features) for key, value in given.items()}
    if found.get("W_out") is not None and found.get("variant") and found["variant"].tied:
        raise ValueError(
            "W_out is given, but the variant is tied; leave out W_out, or name another"
        )
    parameters = [found[name] for name in PARAMETERS if found.get(name) is not None]
    bad = diverged(*parameters) if parameters else np.zeros(0, bool)
    sound = zeroed(found, bad) if parameters else found
    wanted = [names] if isinstance(names, str) else list(names)
    offer = _offer(sound)
    with sharing():
        measured = {name: _apply(name, sound.get, offer) for name in wanted}
    whole = {name: blanked(v, bad) if parameters else v for name, v in measured.items()}
    return {name: values[0] for name, values in whole.items()} if single else whole


def _record(key: str, value: Any, n_features: int | None) -> object:
    """Convert an argument other than a model's parameters (variant, distribution or samples) to its type."""
    if key == "variant" and isinstance(value, str):
        lookup.check_known("model", value)
        value = lookup.load("model", value).VARIANT
    if key == "data" and isinstance(value, str | Mapping):
        value = read_record(Data, {"name": value} if isinstance(value, str) else value, "data")
        lookup.check_known("data", value.name)
    plain = RECORDS[key] is Samples and not isinstance(value, Samples)
    if plain and n_features is not None:
        value = _samples(key, value, n_features)
    if not isinstance(value, RECORDS[key]):
        raise ValueError(
            f"{key}: an object of type {type(value).__name__}; give a {RECORDS[key].__name__}"
        )
    return value


def _samples(name: str, value: Any, n_features: int) -> Samples:
    """An array x [sample, feature] as samples of equal weight."""
    x = array_likes.real_array(name, value).astype(np.float32)
    if x.ndim != 2 or not len(x) or x.shape[1] != n_features:
        raise ValueError(
            f"{name} has shape {x.shape}, but W has {n_features} features; give x [sample, feature]"
        )
    return sparse(x, np.full(len(x), 1 / len(x)))


def _apply(name: str, given: Callable[[str], Any], offer: needs.Offer) -> np.ndarray:
    """Apply a metric; `given` returns the argument for a parameter's name, or None."""
    metric = find(name)
    arguments = {parameter: given(parameter) for parameter in inspect.signature(metric).parameters}
    if missing := [parameter for parameter, value in arguments.items() if value is None]:
        raise ValueError(
            f"metric {name!r} needs {', '.join(missing)}, which these runs do not have"
        )
    wanted = needs.needs_of(metric)
    if lacking := needs.misfit(wanted, [offer]):
        raise ValueError(f"metric {name!r} {lacking}")
    if wanted.tied and given("W_out") is not None:
        raise ValueError(f"metric {name!r} needs a tied model, but W_out is given; leave it out")
    return metric(**arguments)


def _offer(arrays: Mapping[str, Any]) -> Offer:
    """What models given as arrays have: their shape, and `variant`, `data` and `importance` if given."""
    columns: dict[str, list[Any]] = {}
    if arrays.get("W") is not None:
        columns["n_features"], columns["n_hidden"] = ([n] for n in arrays["W"].shape[1:])
    if arrays.get("variant") is not None:
        columns["model"] = [arrays["variant"]]
    if arrays.get("data") is not None:
        data = arrays["data"]
        columns |= {"data": [data.name], "signed": [data.signed], "data_sets": [data.sets]}
        columns["unit_norm"] = [data.unit_norm]
    if arrays.get("importance") is not None:
        different = np.unique(arrays["importance"], axis=0).tolist()
        columns = {key: values * len(different) for key, values in columns.items()}
        columns["importance"] = different
    return Offer("this model", columns)
