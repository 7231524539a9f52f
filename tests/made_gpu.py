"""A GPU engine for tests: it trains as `fused` does, on the CPU. Variables say why there is no GPU, if
there is none, and the versions."""

import sys
from pathlib import Path
from types import ModuleType

TEXT = '''"""A GPU engine that trains on the CPU."""

import os

from superpos.training.fused import train


def missing():
    return os.environ.get("MADE_GPU_MISSING", "")


def supports(condition):
    return condition.data.training_samples is None and condition.data.name == "independent"


def path(condition):
    return "lanes" if condition.n_features * condition.n_hidden <= 100 else "tile"


def path_module(path):
    return "superpos.training.start"


def versions():
    return os.environ.get("MADE_GPU_VERSIONS", "sm_0")
'''


def machine(monkeypatch, missing: str = "", versions: str = "sm_0") -> None:
    """Let this machine have a GPU, or none, and why."""
    monkeypatch.setenv("MADE_GPU_MISSING", missing)
    monkeypatch.setenv("MADE_GPU_VERSIONS", versions)


def put(monkeypatch, missing: str = "", versions: str = "sm_0") -> None:
    """Let this process find the engine, on such a machine."""
    machine(monkeypatch, missing, versions)
    for name in ("superpos.training.gpu", "superpos.training.gpu.engine"):
        made = ModuleType(name)
        exec(TEXT, vars(made))
        monkeypatch.setitem(sys.modules, name, made)


def write(folder: Path) -> None:
    """Let a copy of the project have this engine in place of its own."""
    package = folder / "superpos/training/gpu"
    package.mkdir(exist_ok=True)
    for module in package.glob("*.py"):
        module.unlink()
    for name in ("__init__", "engine"):
        (package / f"{name}.py").write_text(TEXT)
