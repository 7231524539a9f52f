"""Checks of arrays that come from files. Compiled code checks nothing: it would write beyond its arrays.

Each raises a ValueError that says what is wrong.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from superpos.condition import Condition
from superpos.evaluation import KINDS, Samples

WEIGHTS = ("W", "W_out", "checkpoint_W", "checkpoint_W_out")
BIASES = ("b", "checkpoint_b")

Arrays = Mapping[str, np.ndarray]


def samples(arrays: Mapping[str, Any], n_features: int) -> None:
    """Sparse samples: start [sample + 1], feature [entry], value [entry], weight [sample]."""
    parts: dict[str, Any] = {part: arrays.get(part) for part in KINDS}
    Samples(**parts).checked(n_features)


def held_out(arrays: Arrays, conditions: Iterable[Condition], seed: int) -> None:
    """The samples of every distribution, as arrays half.distribution.part."""
    sizes = {condition.distribution(seed): condition.n_features for condition in conditions}
    for distribution, n_features in sizes.items():
        for half in ("pick", "report"):
            parts = {p: arrays.get(f"{half}.{distribution}.{p}") for p in KINDS}
            samples(parts, n_features)


def block(
    arrays: Arrays, notes: Mapping[str, Any], conditions: Mapping[str, Condition] | None = None
) -> None:
    """What training wrote: a row of each array a run, in the shape of the run's condition if known."""
    runs = notes.get("conditions", ())
    if not runs or any(len(notes.get(name, ())) != len(runs) for name in ("keys", "replicates")):
        raise ValueError("its notes do not name its runs")
    for name, array in arrays.items():
        if name != "loss_steps" and array.shape[:1] != (len(runs),):
            raise ValueError(f"array {name!r} has shape {array.shape} for {len(runs)} runs")
    known = conditions or {}
    shapes = {(c.n_features, c.n_hidden) for slug in {*runs} if (c := known.get(slug))}
    for n_features, n_hidden in shapes:
        _check_shapes(arrays, WEIGHTS, (n_features, n_hidden))
        _check_shapes(arrays, BIASES, (n_features,))


def _check_shapes(arrays: Arrays, names: Iterable[str], shape: tuple[int, ...]) -> None:
    for name in {"W", "b", *arrays}.intersection(names):
        array = arrays.get(name)
        if array is None or array.dtype.kind != "f" or array.shape[-len(shape) :] != shape:
            got = "none" if array is None else f"{array.dtype} {array.shape}"
            raise ValueError(f"array {name!r} is {got} for models of shape {shape}")
