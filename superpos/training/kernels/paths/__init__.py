"""The paths through the kernels, a file for each: the loop that trains, and the law that it draws from.

`train` of a path's file trains runs, `law` makes a law from the gates' densities [unit] and the batch,
and `carried_size`, if there is one, says how many numbers a run carries from one step to the next
besides Adam's moments. `batch` draws the same minibatches; a path without it draws as `dense` does.
A path is imported only when it is used, so a run depends only on the kernels of its own path.
"""

import importlib
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import NamedTuple

import numpy as np

from superpos.config.condition import Condition
from superpos.training.kernels import choice
from superpos.training.kernels.kernel_job import KernelJob, gate_densities


class Plan(NamedTuple):
    """The runs that take one path: its file, the table of the laws they draw from, and their indices."""

    path: ModuleType
    table: tuple
    members: np.ndarray


def loaded(name: str) -> ModuleType:
    """The file of a path, imported."""
    return importlib.import_module(f"{__name__}.{name}")


def batch(path: ModuleType) -> Callable:
    """The function that draws a step's minibatch in the way of this path."""
    return path.batch if hasattr(path, "batch") else loaded("dense").batch


def carried_size(path: ModuleType, job: KernelJob) -> int:
    """How many numbers a run carries from one step to the next, besides Adam's moments."""
    return path.carried_size(job) if hasattr(path, "carried_size") else 0


def make_plans(job: KernelJob, conditions: Sequence[Condition]) -> tuple[list[Plan], np.ndarray]:
    """The plans of a job, and each run's row in its plan's table, [run]."""
    known: dict[int, tuple[str, int]] = {}
    tables: dict[str, dict[bytes, int]] = {}
    members: dict[str, list[int]] = {}
    row = np.empty(len(conditions), np.int64)
    for r, condition in enumerate(conditions):
        if id(condition) not in known:
            way, p = choice.path(condition), gate_densities(job, condition)
            table = tables.setdefault(way, {})
            known[id(condition)] = way, table.setdefault(p.tobytes(), len(table))
        way, row[r] = known[id(condition)]
        members.setdefault(way, []).append(r)
    plans = [
        Plan(loaded(way), _table(loaded(way), tables[way], job.batch), np.array(runs))
        for way, runs in members.items()
    ]
    return plans, row


def _table(path: ModuleType, densities: dict[bytes, int], batch: int) -> tuple:
    """The laws of the given densities, stacked field by field."""
    rows = [path.law(np.frombuffer(p), batch) for p in densities]
    return type(rows[0])(*(np.stack(field) for field in zip(*rows, strict=True)))
