"""superpos: replications of "Toy Models of Superposition" (Elhage et al., 2022) and of its sequel
"Superposition, Memorization, and Double Descent" (Henighan et al., 2023), as a library.

`superpos.train(...)` trains toy models of one condition, and `superpos.ToyModel` is one of them as a
torch module. `superpos.metrics` and `superpos.theory` accept the arrays of these models.
`superpos.sweep(...)` trains and measures a whole experiment, described as in config.yaml, and
`superpos.draw(...)` draws its tables, as a figure of the paper or as general figures that fit any
experiment.
"""

import importlib
from typing import Any

__version__ = "1.0.0"

# These are loaded on first use, so that a training job does not import torch or matplotlib.
_FACE = {
    "train": ("api.one_condition", "train"),
    "Models": ("api.models", "Models"),
    "sweep": ("api.experiment", "sweep"),
    "draw": ("api.drawing", "draw"),
    "load": ("api.load", "load"),
    "targets": ("api.targets", "targets"),
    "ToyModel": ("api.toy_model", "ToyModel"),
    "exercises": ("api.exercises", None),
    "metrics": ("metrics", None),
    "theory": ("theory", None),
    "plotting": ("plotting", None),
}
__all__ = [
    "Models",
    "ToyModel",
    "draw",
    "exercises",
    "load",
    "metrics",
    "plotting",
    "sweep",
    "targets",
    "theory",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _FACE:
        raise AttributeError(f"superpos has no {name!r}; it has {', '.join(__all__)}")
    file, attribute = _FACE[name]
    module = importlib.import_module(f"superpos.{file}")
    return getattr(module, attribute) if attribute else module


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
