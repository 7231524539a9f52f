"""Variations of the shipped experiments, one kind each, for the test of which claims stay tested."""

import copy
from collections.abc import Callable
from typing import Any

from project import SHIPPED

from superpos.config import grids, layers

Block = dict[str, Any]

NO_HARM: dict[str, Callable[[str], Block]] = {
    "seed": lambda name: {"seed": 7},
    "replicates": lambda name: _changed(name, replicates=of(name)["replicates"] + 2),
    "steps": lambda name: _changed(name, **_every(name, "steps", lambda steps: 2 * steps)),
    "engine": lambda name: _changed(name, engine="reference"),
    "evaluation": lambda name: _changed(name, evaluation=_twice(of(name)["evaluation"])),
    "sweep extended": lambda name: _changed(name, sweep=[*parts(name), _one_more(name)]),
}
"""Kinds of variation that leave every claim tested: a config to lay over the shipped one."""

OTHERS: dict[str, Callable[[str], Block]] = {
    "n_features": lambda name: _changed(name, **_every(name, "n_features", lambda n: n + 2)),
    "n_hidden": lambda name: _changed(name, **_every(name, "n_hidden", lambda m: m + 1)),
    "model": lambda name: _changed(name, **_every(name, "model", _other_model)),
    "data": lambda name: _changed(name, **_other_data(name)),
    "density": lambda name: _changed(name, **_one_density(name)),
    "sweep shortened": lambda name: _changed(name, sweep=[_halved(part) for part in parts(name)]),
    "importance": lambda name: _changed(name, importance={"geometric": 0.6}),
    "checkpoints": lambda name: _changed(name, checkpoints=[]),
    "metrics": lambda name: _changed(name, metrics=["feature_norm"]),
    "init": lambda name: _changed(name, init={"name": "normal", "std": 0.2}),
    "optimizer": lambda name: _changed(name, optimizer={"eps": 1e-7}),
}
"""Kinds of variation that may leave claims untested."""


def of(name: str) -> Block:
    """A shipped block with what it inherits and the defaults."""
    whole = layers.inherited(name, SHIPPED["experiments"])
    return layers.combined(SHIPPED["defaults"], whole)


def parts(name: str) -> list[Block]:
    """The sweep of a block as a list of products of axes."""
    sweep = copy.deepcopy(of(name).get("sweep", {}))
    return sweep if isinstance(sweep, list) else [sweep]


def _changed(name: str, **block: Any) -> Block:
    return {"experiments": {name: block}}


def _every(name: str, key: str, change: Callable[[Any], Any]) -> Block:
    """The key changed in every part of the sweep that has it, and in the block if one has not."""
    laid = [
        {**part, key: [change(v) for v in part[key]]} if key in part else part
        for part in parts(name)
    ]
    block = {"sweep": laid} if any(key in part for part in laid) else {}
    own = {} if all(key in part for part in laid) else {key: change(of(name)[key])}
    return block | own


def _other_model(model: str) -> str:
    return "relu_output" if model != "relu_output" else "linear"


def _other_data(name: str) -> Block:
    """Independent features instead of sets, and sets instead of independent features."""
    swept = [{a: v for a, v in part.items() if a[:5] != "data."} for part in parts(name)]
    if of(name)["data"]["name"] == "independent" and swept == parts(name):
        return {"data": {"name": "anticorrelated", "sets": 1}}
    return {"data": {"name": "independent"}, "sweep": swept[:1]}


def _one_density(name: str) -> Block:
    """One density that the paper does not have."""
    first = {axis: values for axis, values in parts(name)[0].items() if axis[:7] != "density"}
    return {"sweep": [{**first, "density": [0.37]}]}


def _one_more(name: str) -> Block:
    """One condition more: as the first, at another value of the axis that the sweep is about."""
    first = {axis: grids.expand(axis, values)[:1] for axis, values in parts(name)[0].items()}
    axis = next((a for a in ("density.first_ratio", "density") if a in first), "density")
    return {**first, axis: [0.77]}


def _halved(part: Block) -> Block:
    """Every other value of each axis."""
    return {axis: grids.expand(axis, values)[::2] for axis, values in part.items()}


def _twice(evaluation: Block) -> Block:
    key = "strata" if evaluation["strata"] else "samples"
    return {key: 2 * evaluation[key]}
