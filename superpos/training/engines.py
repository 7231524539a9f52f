"""Which engine trains a condition, and which code decides what its runs learn."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Collection, Iterable
from types import ModuleType

from superpos import lookup
from superpos.config.condition import Condition

TRAINERS = {
    "gpu": "superpos.training.gpu.engine",
    "fused": "superpos.training.fused",
    "reference": "superpos.training.reference",
}
"""The module in which each engine trains."""
CHOOSERS = {"gpu": "superpos.training.gpu", "fused": "superpos.training.kernels.choice"}
"""For each engine with several ways of training, the module that chooses among them."""
CONTINUED = "superpos.training.continued"
"""The module that trains runs with `init.trained_on` on fewer samples first."""
COUNT_BY_OUTCOME = (
    *CHOOSERS.values(), "superpos.config.condition", "superpos.lookup", "superpos.numerics.kernel_codes",
    "superpos.training.progress",
)  # fmt: skip
"""Modules that affect a run only through what they compute, so that their code may be edited freely.

Stored runs are identified by what these modules produce: a condition by its values, which are in the
run's key; a way of training by its name; models and distributions by their modules.
"""


def engine(wanted: str, condition: Condition) -> str:
    """The engine that trains a condition on this machine; `gpu` only if there is a GPU."""
    first, *others = _engines(wanted, condition)
    return others[0] if first == "gpu" and _chooser("gpu").missing() else first


def _engines(wanted: str, condition: Condition) -> list[str]:
    """The engines that can train a condition: `gpu` if it is requested, then one on the CPU."""
    on_gpu = wanted == "gpu" and _chooser("gpu").supports(condition)
    on_cpu = wanted != "reference" and _chooser("fused").supports(condition)
    return [*(["gpu"] if on_gpu else []), "fused" if on_cpu else "reference"]


def fallback(wanted: str, conditions: Collection[Condition]) -> str:
    """One line if an engine other than the requested one trains some of the conditions, otherwise ""."""
    others = [one for c in conditions if (one := engine(wanted, c)) != wanted]
    if not others:
        return ""
    missing = _chooser("gpu").missing() if wanted == "gpu" else ""
    why = missing or f"no kernel for {len(others)} of {len(conditions)} conditions"
    return f"engine {wanted}: {why}; trained by {' and '.join(sorted({*others}))} instead"


def check_installed(wanted: str, conditions: Iterable[Condition]) -> None:
    """Raise a ModuleNotFoundError if the reference engine trains some conditions, and torch is missing."""
    if importlib.util.find_spec("torch") is None:
        for condition in conditions:
            if engine(wanted, condition) == "reference":
                raise lookup.not_installed("the reference engine", "torch", "torch")


def way(chosen: str, condition: Condition) -> str:
    """The way a condition is trained: the name of the engine, and of its path through the kernels."""
    return f"{chosen}.{_chooser(chosen).path(condition)}" if chosen in CHOOSERS else chosen


def modules_by_way(wanted: str, trained: Iterable[Condition]) -> dict[str, list[str]]:
    """For each way of training, the modules that, with their imports, decide what these conditions learn.

    The modules in COUNT_BY_OUTCOME are left out. Whether this machine has a GPU does not matter, because the
    training may run on a different machine.
    """
    parts: dict[str, set[tuple[str, str]]] = {}
    before: set[str] = set()
    for condition in trained:
        for chosen in _engines(wanted, condition):
            used = parts.setdefault(way(chosen, condition), set())
            used |= {("model", condition.model), ("data", condition.data.name)}
            if condition.earlier:
                before.add(way(chosen, condition))
    by_way = {}
    for name, used in parts.items():
        chosen, _, path = name.partition(".")
        own = [_chooser(chosen).path_module(path)] if path else []
        own += [CONTINUED] if name in before else []
        by_way[name] = sorted({TRAINERS[chosen], *own, *(lookup.module(*part) for part in used)})
    return by_way


def trainer(name: str) -> ModuleType:
    """The module whose `train` is the engine of that name."""
    return importlib.import_module(TRAINERS[name])


def beyond_code(name: str) -> list[str]:
    """What an engine's results depend on besides the code: for a GPU, the card and Triton's version."""
    return [_chooser("gpu").versions()] if name == "gpu" else []


@functools.cache
def _chooser(name: str) -> ModuleType:
    return importlib.import_module(CHOOSERS[name])
