"""Check the shapes of arrays that annotations give, in the tests alone: they cost nothing in use.

A module writes `def norm(W: Float[np.ndarray, "run feature hidden"])` and imports `Float` for its type
checker only. Here every such function is replaced, in whatever module has it, by one that checks
arguments and result at each call: an axis that is named twice must have one length.
"""

import dataclasses
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import jaxtyping
import torch
from beartype import BeartypeConf, beartype
from jaxtyping import jaxtyped

import superpos

MARK = "from jaxtyping import"
KINDS = [
    kind for kind in vars(jaxtyping) if kind.startswith(("Bool", "Float", "Int", "Shaped", "UInt"))
]
UNCHECKED = ("superpos.training.kernels", "superpos.numerics.simd")
"""Kernels are compiled: what they call must stay as it is."""
CHECKER = beartype(conf=BeartypeConf(is_pep484_tower=True))


def modules() -> Iterator[str]:
    """The names of the modules that annotate shapes."""
    for found in pkgutil.walk_packages(superpos.__path__, "superpos."):
        if found.name.startswith(UNCHECKED) or found.name.endswith("__main__"):
            continue
        spec = found.module_finder.find_spec(found.name, None)
        if spec and spec.origin and MARK in Path(spec.origin).read_text("utf-8"):
            yield found.name


def check() -> list[str]:
    """Check the annotated functions of all modules from now on; returns their names."""
    checked = []
    for name in modules():
        module = importlib.import_module(name)
        for kind in KINDS:
            vars(module).setdefault(kind, getattr(jaxtyping, kind))
        vars(module).setdefault("torch", torch)
        for own, record in list(vars(module).items()):
            if has_shapes(record, module):
                jaxtyped(record, typechecker=CHECKER)
                checked.append(f"{name}.{own}")
        for own, function in list(vars(module).items()):
            if annotated(function, module):
                replace(function, jaxtyped(function, typechecker=CHECKER))
                checked.append(f"{name}.{own}")
    return checked


def annotated(function: object, module: ModuleType) -> bool:
    """Whether it is a function of that module whose annotations name an array's axes."""
    if not inspect.isfunction(function) or function.__module__ != module.__name__:
        return False
    return names_axes(function.__annotations__.values())


def has_shapes(record: object, module: ModuleType) -> bool:
    """Whether it is a dataclass of that module with a field whose annotation names an array's axes."""
    if not dataclasses.is_dataclass(record) or record.__module__ != module.__name__:
        return False
    return names_axes(field.type for field in dataclasses.fields(record))


def names_axes(annotations: Iterable[object]) -> bool:
    texts = map(str, annotations)
    return any(f"[{array}, " in text for text in texts for array in ("np.ndarray", "torch.Tensor"))


def replace(function: FunctionType, checked: FunctionType) -> None:
    """Put the checked function wherever a module of this package has the other."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "superpos":
            for own, value in list(vars(module).items()):
                if value is function:
                    setattr(module, own, checked)
