"""Conditions and comparisons that the tests of the fused engine share."""

import pkgutil
from typing import Any

import numpy as np

from superpos.config.condition import Condition, Data, Init, Optimizer
from superpos.training.kernels import paths
from superpos.training.records import Trained

MODELS = ("relu_output", "linear", "relu_hidden", "absolute")
PATHS = {file.name for file in pkgutil.iter_modules(paths.__path__)}
"""The paths through the kernels."""
DATA = (("independent", None), ("correlated", 3), ("anticorrelated", 3), ("one_set", 3))


def condition(**changes: Any) -> Condition:
    """A small condition; keys of Data and Optimizer are told apart by name."""
    of_data = ("name", "signed", "sets", "training_samples", "unit_norm")
    data = {k: changes.pop(k) for k in of_data if k in changes}
    adam = {k: changes.pop(k) for k in ("lr", "weight_decay", "betas", "eps") if k in changes}
    optimizer = {
        "name": "adamw",
        "lr": 1e-2,
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": 0.0 if changes.get("optimizer") == "adam" else 0.01,
    }
    optimizer |= {"name": changes.pop("optimizer", "adamw")} | adam
    plain = {
        "n_features": 6, "n_hidden": 3, "model": "relu_output", "density": 0.3, "importance": 1.0,
        "schedule": "constant", "init": Init(name="xavier"), "batch": 64, "steps": 20,
    }  # fmt: skip
    return Condition(
        data=Data(**({"name": "independent"} | data)),
        optimizer=Optimizer(**optimizer),
        **(plain | changes),
    )


def arrays(trained: Trained) -> dict[str, np.ndarray]:
    """The arrays of a result, by name."""
    return {k: a for k, a in vars(trained).items() if a is not None}


def same_bytes(a: Trained, b: Trained, run_a: int = 0, run_b: int = 0) -> bool:
    """Whether two runs are bit-identical."""
    pairs = zip(arrays(a).values(), arrays(b).values(), strict=True)
    return all(x[run_a].tobytes() == y[run_b].tobytes() for x, y in pairs)
