"""Check the arrays of a trained block that come from a file, because compiled code does not check them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from superpos.config.condition import Condition
from superpos.config.trained_runs import RunNames

if TYPE_CHECKING:
    from pydantic import JsonValue

WEIGHTS = ("W", "W_out", "checkpoint_W", "checkpoint_W_out")
BIASES = ("b", "checkpoint_b")

Arrays = Mapping[str, np.ndarray]


def check_block(
    arrays: Arrays,
    about: Mapping[str, JsonValue],
    conditions: Mapping[str, Condition] | None = None,
) -> None:
    """Raise a ValueError unless each array has a row for each run, with its condition's shape if known."""
    runs = RunNames.read(about).conditions
    for name, array in arrays.items():
        if name != "loss_steps" and array.shape[:1] != (len(runs),):
            raise ValueError(
                f"array {name!r} has shape {array.shape}, but the block has {len(runs)} runs"
            )
    known = conditions or {}
    shapes = {(c.n_features, c.n_hidden) for slug in {*runs} if (c := known.get(slug))}
    for n_features, n_hidden in shapes:
        _check_shapes(arrays, WEIGHTS, (n_features, n_hidden))
        _check_shapes(arrays, BIASES, (n_features,))


def _check_shapes(arrays: Arrays, names: Iterable[str], shape: tuple[int, ...]) -> None:
    for name in {"W", "b", *arrays}.intersection(names):
        array = arrays.get(name)
        if array is None or array.dtype.kind != "f" or array.shape[-len(shape) :] != shape:
            got = "missing" if array is None else f"{array.dtype} {array.shape}"
            raise ValueError(
                f"array {name!r} is {got}, but the model needs floats of shape {shape} per run"
            )
