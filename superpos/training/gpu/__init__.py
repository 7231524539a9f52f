"""The GPU engine: kernels in Triton that train many small models at once."""

from __future__ import annotations

import importlib.metadata
import importlib.util

from superpos.config.condition import Condition
from superpos.training.gpu import shape
from superpos.training.kernels import choice
from superpos.training.kernels.kernel_job import kernel_job

# Without them, a config with this engine can still be planned, for another machine.
NOT_INSTALLED = [name for name in ("torch", "triton") if importlib.util.find_spec(name) is None]
"""The packages of the extra `gpu` that are not installed."""
if "torch" not in NOT_INSTALLED:
    import torch

    from superpos.training.gpu.engine import interpreted, train
    from superpos.training.gpu.held_out import feature_errors, measures

__all__ = [
    "feature_errors",
    "measures",
    "missing",
    "path",
    "path_module",
    "supports",
    "train",
    "versions",
]


def missing() -> str:
    """What this machine lacks to run the kernels; "" if it can run them."""
    if NOT_INSTALLED:
        return f'{" and ".join(NOT_INSTALLED)} not installed (pip install "superpos[gpu]")'
    if interpreted():
        return ""
    if not torch.cuda.is_available() or torch.version.cuda is None:
        return "no CUDA device"
    major, minor = torch.cuda.get_device_capability()
    # Older cards have no tensor cores for float32.
    return "" if major >= 8 else f"the GPU's compute capability {major}.{minor} is below 8.0"


def supports(condition: Condition) -> bool:
    """Whether there is a GPU kernel for the condition."""
    drawn = condition.init.trained_on is None
    return drawn and choice.supports(condition) and shape.fits(condition)


def path(condition: Condition) -> str:
    """The name of the kernel that trains a condition: lanes or tile."""
    return shape.kernel(kernel_job(condition))


def path_module(path: str) -> str:
    """The module of a kernel."""
    return f"superpos.training.gpu.kernels.{path}"


def versions() -> str:
    """What a run's bytes depend on besides the code: the card's architecture and Triton's version."""
    if interpreted():
        return f"Triton {importlib.metadata.version('triton')}'s interpreter"
    major, minor = torch.cuda.get_device_capability()
    return f"sm_{major}{minor}, Triton {importlib.metadata.version('triton')}"
