"""Which kernel trains a condition, and from which law it draws: functions of the condition alone.

A path is chosen by estimated cost, never by a measurement: a run then has the same bytes on every
machine.
"""

import importlib
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics import kernel_codes
from superpos.training.kernels import laws
from superpos.training.kernels.kernel_job import KernelJob, kernel_job

KERNELS = "superpos.training.kernels"
LOOPS = f"{KERNELS}.loops"

COMPACT_BELOW = 0.9
"""The share of non-empty samples below which only those are drawn.

Above it all samples are drawn, from the same words as in the reference engine.
"""
SPLIT_ABOVE = 0.2
"""The share of samples with one feature on, among non-empty ones, above which they are split off."""
SPLIT_FROM_SAMPLES = 100
"""The number of samples with one feature on, in a batch, above which counting them pays."""
SPLIT_BELOW_FEATURES = 32
"""The number of features below which the samples with one feature on are counted by feature."""
MASKED_FROM_FEATURES = 32
"""The number of features from which a model with a hidden ReLU passes over what is 0."""
WIDE_FROM_FEATURES = 64
"""The number of features from which visiting only what is neither 0 nor linear pays."""


class Plan(NamedTuple):
    """The runs that take one path: their indices, and the table of the laws that they draw from."""

    path: str
    table: tuple
    members: np.ndarray


class Path(NamedTuple):
    """The files and functions of a path.

    loop: the file of `loops` that trains; batches: the file of `loops` that draws the same
    minibatches; law: file and function in this folder that make a law from the gates' densities [unit]
    and the batch.
    """

    loop: str
    batches: str
    law: str


PATHS = {
    "dense": Path("dense", "dense", "laws.every_sample"),
    "controlled": Path("controlled", "dense", "laws.every_sample"),
    "wide": Path("wide", "wide", "laws.every_sample"),
    "gram": Path("gram", "gram", "skips.skip_law"),
    "compact": Path("dense", "dense", "laws.filled_samples"),
    "masked": Path("masked", "dense", "laws.every_sample"),
    "masked_compact": Path("masked", "dense", "laws.filled_samples"),
    "split": Path("dense", "dense", "laws.split_samples"),
    "whole_set": Path("whole_set", "whole_set", "laws.every_sample"),
    "unit_norm": Path("unit_norm", "unit_norm", "skips.skip_law"),
}
"""Loops are imported by name when a path is taken, so a run depends on its own path's kernels alone."""


def path_modules(path: str) -> list[str]:
    """The modules that a path imports by name."""
    loop, _, law = PATHS[path]
    return [f"{LOOPS}.{loop}", f"{KERNELS}.{law.partition('.')[0]}"]


def kernel(path: str) -> Callable:
    """The function that trains runs on a path."""
    return importlib.import_module(f"{LOOPS}.{PATHS[path].loop}").train


def batch(path: str) -> Callable:
    """The function that draws a step's minibatch as a path does."""
    return importlib.import_module(f"{LOOPS}.{PATHS[path].batches}").batch


def carried_size(path: str, job: KernelJob) -> int:
    """How many numbers a run carries from one step to the next, besides Adam's moments."""
    loop = importlib.import_module(f"{LOOPS}.{PATHS[path].loop}")
    return loop.carried_size(job) if hasattr(loop, "carried_size") else 0


def path(condition: Condition) -> str:
    """The path that trains a condition."""
    job = kernel_job(condition)
    # Thousands of conditions may share a form. Importance matters to the choice only for wide models.
    importance = repr(condition.importance) if job.n_features >= WIDE_FROM_FEATURES else ""
    form = job, condition.data.name, repr(condition.density), importance
    if form not in _KNOWN:
        _KNOWN[form] = choose(job, gate_densities(job, condition), condition.importances())
    return _KNOWN[form]


_KNOWN: dict[Hashable, str] = {}
"""The paths of conditions, by their form."""


def choose(job: KernelJob, p: np.ndarray, importance: np.ndarray) -> str:
    """The path of a run whose gates have the densities p [unit]: the first whose estimated cost is low."""
    if job.controlled:
        return "controlled"
    if job.kernel_code == kernel_codes.WHOLE_SET:
        return "whole_set"
    if job.kernel_code == kernel_codes.UNIT_NORM:
        return "unit_norm"
    if _splitting_pays(job, p):
        return "split"
    compact = laws.at_least_chances(p)[1, 0] < COMPACT_BELOW
    if job.relu_hidden and job.n_features >= MASKED_FROM_FEATURES:
        return "masked_compact" if compact else "masked"
    # With few features on, y has few terms, and G = W W^T or a compact batch is cheaper.
    if _sums_in_closed_form(job, importance) and p.sum() > 0.5 * job.n_hidden:
        return "wide"
    if _gram_pays(job, p):
        return "gram"
    return "compact" if compact else "dense"


def _splitting_pays(job: KernelJob, p: np.ndarray) -> bool:
    """Whether many samples have one feature on, and there are few enough features for a count of each."""
    if (
        job.kernel_code != kernel_codes.FEATURES
        or job.absolute_target
        or job.signed
        or len(p) >= SPLIT_BELOW_FEATURES
    ):
        return False
    alone, filled = laws.alone_chances(p).sum(), laws.at_least_chances(p)[1, 0]
    return bool(alone > SPLIT_ABOVE * filled and job.batch * alone > SPLIT_FROM_SAMPLES)


def _gram_pays(job: KernelJob, p: np.ndarray) -> bool:
    """Whether two rows of W W^T for each active entry cost less than five products with W."""
    n, m = job.n_features, job.n_hidden
    entries = p.sum() * (n / 2 + 12) + n
    suits = job.kernel_code == kernel_codes.FEATURES and job.tied and not job.relu_hidden
    return bool(suits and n >= 16 and entries + n * n * m / (2 * job.batch) < 5 / 8 * n * m)


def _sums_in_closed_form(job: KernelJob, importance: np.ndarray) -> bool:
    """Whether the model is wide and tied with one importance, so steady outputs need only matrix sums."""
    suits = job.tied and job.relu_output and not (job.relu_hidden or job.absolute_target)
    wide = job.n_features >= WIDE_FROM_FEATURES and job.n_features > 2 * job.n_hidden
    alike = job.kernel_code == kernel_codes.FEATURES and (importance == importance[0]).all()
    return bool(suits and wide and alike and job.batch % 4 == 0)


def make_plans(job: KernelJob, conditions: Sequence[Condition]) -> tuple[list[Plan], np.ndarray]:
    """The plans of a job, and each run's row in its plan's table, [run]."""
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


def gate_densities(job: KernelJob, condition: Condition) -> np.ndarray:
    """The densities p [unit] of the units, which are on independently of one another."""
    if job.kernel_code in (kernel_codes.ROWS, kernel_codes.WHOLE_SET):
        return np.ones(1)
    data = lookup.load("data", condition.data.name)
    return (
        data.gates(condition) if job.kernel_code == kernel_codes.ONE_SET else data.units(condition)
    )


def _table(way: str, densities: dict[bytes, int], batch: int) -> tuple:
    """The laws of the given densities, stacked field by field."""
    file, _, name = PATHS[way].law.partition(".")
    law = getattr(importlib.import_module(f"{KERNELS}.{file}"), name)
    rows = [law(np.frombuffer(p), batch) for p in densities]
    return type(rows[0])(*(np.stack(field) for field in zip(*rows, strict=True)))
