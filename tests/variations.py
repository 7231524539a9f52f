"""The shipped experiments in small, and each of their settings changed, one at a time."""

import copy
import functools
import pickle
from collections.abc import Mapping
from typing import Any

from project import SHIPPED

from superpos.config import layers
from superpos.config.checks import SHAPING

Block = dict[str, Any]

QUICK = {"steps": 20, "batch": 32, "replicates": 2, "block": 8, "losses": 5}
CHECKPOINTS = [5, 10, 20]
COARSE = {"log": [0.01, 1.0, 5]}


def small() -> Block:
    """The shipped config with every experiment trained for a moment, in as few jobs as possible; figures
    and claims stay: a copy."""
    return pickle.loads(_small())


@functools.cache
def _small() -> bytes:
    raw = copy.deepcopy(SHIPPED)
    for name, block in raw["experiments"].items():
        swept = {axis for part in parts(block) for axis in part}
        block |= {key: value for key, value in QUICK.items() if key not in swept}
        block |= {"checkpoints": CHECKPOINTS} if "checkpoints" in block else {}
        block["evaluation"] = {"strata": 5} if _strata(name) else {"samples": 200, "strata": 0}
        if "sweep" in block:
            block["sweep"] = [_quick(part) for part in parts(block)]
            block["pack"] = sorted(axis for axis in swept if axis not in SHAPING)
    for name in ("F5", "F6"):
        grid = {"density": COARSE, "importance.last": {"log": [0.1, 10.0, 5]}}
        raw["experiments"][name]["sweep"] = grid
    raw["experiments"]["F18"] |= {"n_features": 24, "n_hidden": 10}  # a picture of every weight
    for name in ("optimum_2_1", "optimum_3_2"):
        raw["theory"][name]["settings"] |= {"density": COARSE, "importance": COARSE}
    return pickle.dumps(raw)


def changes(name: str) -> dict[str, Block]:
    """By key, a block to lay over a shipped experiment that changes that key alone."""
    block = inherited(name)
    data = block.get("data", {"name": "independent"})["name"]
    values = {
        "n_features": block.get("n_features", 4) + 2,
        "n_hidden": block.get("n_hidden", 2) + 1,
        "model": "relu_output" if block.get("model") else "linear",
        "data": {"name": "independent"}
        if data != "independent"
        else {"name": "one_set", "sets": 1},
        "density": 0.37,
        "importance": {"geometric": 0.6},
        "checkpoints": [] if block.get("checkpoints") else [7],
        "metrics": ["feature_norm"],
        "steps": 26,
        "replicates": 3,
        "init": {"name": "normal", "std": 0.2},
        "optimizer": {"eps": 1e-7},
    }
    laid = {key: _laid(block, key, value) for key, value in values.items()}
    return laid | {"sweep": {"sweep": [_halved(part) for part in parts(block)]}}


def _laid(block: Block, key: str, value: Any) -> Block:
    """The key with another value, in the sweep where the key is swept."""
    swept = [part for part in parts(block) if key in part]
    return {"sweep": [{**swept[0], key: [value]}]} if swept else {key: value}


def parts(block: Mapping[str, Any]) -> list[Block]:
    """The sweep of a block as a list of products of axes."""
    sweep = block.get("sweep", {})
    return list(sweep) if isinstance(sweep, list) else [sweep]


def _strata(name: str) -> int:
    """How many strata the shipped experiment has, or inherits."""
    blocks = SHIPPED["experiments"]
    return layers.inherited(name, blocks).get("evaluation", {}).get("strata", 0)


def _quick(part: Block) -> Block:
    return {axis: [QUICK[axis]] if axis in QUICK else values for axis, values in part.items()}


def _halved(part: Block) -> Block:
    """Every other value of each axis, or a density where nothing is swept."""
    lists = {axis: v[::2] if isinstance(v, list) else v for axis, v in part.items()}
    return lists or {"density": [0.5, 0.05]}


def inherited(name: str) -> Block:
    """A block of the small config with what it inherits."""
    blocks = small()["experiments"]
    block = blocks[name]
    return {**inherited(block["base"]), **block} if "base" in block else block
