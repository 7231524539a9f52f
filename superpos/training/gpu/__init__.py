"""The GPU engine: kernels in Triton that train many small models at once."""

from __future__ import annotations

import importlib.metadata
import importlib.util

from superpos.config.condition import Condition
from superpos.training import fused
from superpos.training.gpu import shape
from superpos.training.gpu.engine import interpreted, train
from superpos.training.kernels.kernel_job import kernel_job

__all__ = ["missing", "path", "path_modules", "supports", "train", "versions"]


def missing() -> str:
    """What this machine lacks to run the kernels; empty if it lacks nothing."""
    import torch

    if not torch.cuda.is_available() and not interpreted():
        return "no CUDA device"
    return "" if importlib.util.find_spec("triton") else "Triton is not installed"


def supports(condition: Condition) -> bool:
    """Whether there is a GPU kernel for the condition."""
    return fused.supports(condition) and shape.fits(condition)


def path(condition: Condition) -> str:
    """The kernel that trains a condition: lanes or tile."""
    return shape.kernel(kernel_job(condition))


def path_modules(path: str) -> list[str]:
    """The modules that a path imports by name."""
    return [f"superpos.training.gpu.kernels.{path}"]


def versions() -> str:
    """What the bytes of a run depend on besides the code: the card's architecture and Triton."""
    import torch

    if interpreted():
        return f"Triton {importlib.metadata.version('triton')}'s interpreter"
    major, minor = torch.cuda.get_device_capability()
    return f"sm_{major}{minor}, Triton {importlib.metadata.version('triton')}"
