"""Which kernel trains a condition, and from which law: functions of the condition alone."""

import importlib
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics import kernel_codes
from superpos.training.kernels import job as jobs
from superpos.training.kernels import laws
from superpos.training.kernels.job import Job

KERNELS = "superpos.training.kernels"
LOOPS = f"{KERNELS}.loops"

COMPACT_BELOW = 0.9
"""Share of non-empty samples below which only those are drawn; above, the reference's own words."""
SPLIT_ABOVE = 0.2
"""Share of samples with one feature on, among those not empty, above which they go apart."""
SPLIT_LEAST = 100
"""Such samples in a batch from which counting them pays."""
NARROW = 32
"""Features below which samples with one of them on are counted feature by feature."""
MASKED = 32
"""Features from which a model with a hidden ReLU passes over what is 0."""
WIDE = 64
"""Features from which going through what is not 0, or not linear, pays."""


class Plan(NamedTuple):
    """Runs that take one path: their indices, and the stacked laws they draw from."""

    path: str
    table: tuple
    members: np.ndarray


class Path(NamedTuple):
    """A path's training loop and the loop whose minibatches it draws, files of `loops`; its law, a
    function of a file of this folder: from the gates' densities [unit] and the batch to a table."""

    loop: str
    batches: str
    law: str


PATHS = {
    "dense": Path("dense", "dense", "laws.every_sample"),
    "controlled": Path("controlled", "dense", "laws.every_sample"),
    "wide": Path("wide", "wide", "laws.every_sample"),
    "gram": Path("gram", "gram", "skips.skips"),
    "compact": Path("dense", "dense", "laws.filled_samples"),
    "masked": Path("masked", "dense", "laws.every_sample"),
    "masked_compact": Path("masked", "dense", "laws.filled_samples"),
    "split": Path("dense", "dense", "laws.split_samples"),
}
"""Loops are loaded by name when a path is taken: a run rests on the kernels of its own path alone."""


def modules(path: str) -> list[str]:
    """The modules that a path loads by name."""
    loop, _, law = PATHS[path]
    return [f"{LOOPS}.{loop}", f"{KERNELS}.{law.partition('.')[0]}"]


def kernel(path: str) -> Callable:
    """The function that trains runs on a path."""
    return importlib.import_module(f"{LOOPS}.{PATHS[path].loop}").train


def batch(path: str) -> Callable:
    """The function that draws a step's minibatch as a path does."""
    return importlib.import_module(f"{LOOPS}.{PATHS[path].batches}").batch


def carried_size(path: str, job: Job) -> int:
    """How many numbers a run carries from one step to the next besides Adam's moments."""
    loop = importlib.import_module(f"{LOOPS}.{PATHS[path].loop}")
    return loop.carried_size(job) if hasattr(loop, "carried_size") else 0


def path(condition: Condition) -> str:
    """The path that trains a condition."""
    job = jobs.of(condition)
    # Thousands of conditions may share a form; importance decides for wide models alone.
    importance = repr(condition.importance) if job.n_features >= WIDE else ""
    form = job, condition.data.name, repr(condition.density), importance
    if form not in _KNOWN:
        _KNOWN[form] = choose(job, gate_densities(job, condition), condition.importances())
    return _KNOWN[form]


_KNOWN: dict[Hashable, str] = {}
"""The paths of conditions by their form."""


def choose(job: Job, p: np.ndarray, importance: np.ndarray) -> str:
    """The path of a run whose gates have the densities p [unit]."""
    if job.controlled:
        return "controlled"
    if _splitting_pays(job, p):
        return "split"
    compact = laws.at_least(p)[1, 0] < COMPACT_BELOW
    if job.relu_hidden and job.n_features >= MASKED:
        return "masked_compact" if compact else "masked"
    if _sums_in_closed_form(job, importance) and p.sum() > 0.5 * job.n_hidden:
        return "wide"
    if _gram_pays(job, p):
        return "gram"
    return "compact" if compact else "dense"


def _splitting_pays(job: Job, p: np.ndarray) -> bool:
    """Whether samples with one feature on are many, and features not too many to count them by."""
    if job.law != kernel_codes.FEATURES or job.absolute_target or job.signed or len(p) >= NARROW:
        return False
    alone, filled = laws.alone(p).sum(), laws.at_least(p)[1, 0]
    return bool(alone > SPLIT_ABOVE * filled and job.batch * alone > SPLIT_LEAST)


def _gram_pays(job: Job, p: np.ndarray) -> bool:
    """Whether a sample's entries cost less, each a row of W W^T twice, than five products with W."""
    n, m = job.n_features, job.n_hidden
    entries = p.sum() * (n / 2 + 12) + n
    suits = job.law == kernel_codes.FEATURES and job.tied and not job.relu_hidden
    return bool(suits and n >= 16 and entries + n * n * m / (2 * job.batch) < 5 / 8 * n * m)


def _sums_in_closed_form(job: Job, importance: np.ndarray) -> bool:
    """Whether the model is wide and its outputs that are surely positive can be summed at once."""
    suits = job.tied and job.relu_output and not (job.relu_hidden or job.absolute_target)
    wide = job.n_features >= WIDE and job.n_features > 2 * job.n_hidden
    alike = job.law == kernel_codes.FEATURES and (importance == importance[0]).all()
    return bool(suits and wide and alike and job.batch % 4 == 0)


def plan(job: Job, conditions: Sequence[Condition]) -> tuple[list[Plan], np.ndarray]:
    """The plans of a job, and for every run the row of its plan's table, [run]."""
    known: dict[int, tuple[str, int]] = {}
    tables: dict[str, dict[bytes, int]] = {}
    members: dict[str, list[int]] = {}
    row = np.empty(len(conditions), np.int64)
    for r, condition in enumerate(conditions):
        if id(condition) not in known:
            way, p = path(condition), gate_densities(job, condition)
            table = tables.setdefault(way, {})
            known[id(condition)] = way, table.setdefault(p.tobytes(), len(table))
        way, row[r] = known[id(condition)]
        members.setdefault(way, []).append(r)
    plans = [
        Plan(way, _table(way, tables[way], job.batch), np.array(runs))
        for way, runs in members.items()
    ]
    return plans, row


def gate_densities(job: Job, condition: Condition) -> np.ndarray:
    """p [unit] of the units that are on independently of one another."""
    if job.law == kernel_codes.ROWS:
        return np.ones(1)
    data = lookup.load("data", condition.data.name)
    return data.gates(condition) if job.law == kernel_codes.ONE_SET else data.units(condition)


def _table(way: str, densities: dict[bytes, int], batch: int) -> tuple:
    """The laws of some densities, stacked field by field."""
    file, _, name = PATHS[way].law.partition(".")
    law = getattr(importlib.import_module(f"{KERNELS}.{file}"), name)
    rows = [law(np.frombuffer(p), batch) for p in densities]
    return type(rows[0])(*(np.stack(field) for field in zip(*rows, strict=True)))
