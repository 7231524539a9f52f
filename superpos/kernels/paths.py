"""Which kernel trains a condition, and from which law: functions of the condition alone."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from superpos import plugins, unit_laws
from superpos.condition import Condition
from superpos.kernels import laws, skips
from superpos.kernels.job import Job
from superpos.kernels.loops import controlled, dense, gram, masked, wide

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
    """Runs that one kernel trains: their indices, the stacked laws they draw from, and how."""

    kernel: Callable
    batch: Callable
    table: tuple
    members: np.ndarray


PATHS: dict[str, tuple[Callable, Callable, Callable]] = {
    "dense": (dense.train, dense.batch, laws.every_sample),
    "controlled": (controlled.train, dense.batch, laws.every_sample),
    "wide": (wide.train, wide.batch, laws.every_sample),
    "gram": (gram.train, gram.batch, skips.skips),
    "compact": (dense.train, dense.batch, laws.filled_samples),
    "masked": (masked.train, dense.batch, laws.every_sample),
    "masked_compact": (masked.train, dense.batch, laws.filled_samples),
    "split": (dense.train, dense.batch, laws.split_samples),
}
"""A path's kernel, its minibatches, and its law from the gates' densities [unit] and the batch."""


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
    if job.law != unit_laws.FEATURES or job.absolute_target or job.signed or len(p) >= NARROW:
        return False
    alone, filled = laws.alone(p).sum(), laws.at_least(p)[1, 0]
    return bool(alone > SPLIT_ABOVE * filled and job.batch * alone > SPLIT_LEAST)


def _gram_pays(job: Job, p: np.ndarray) -> bool:
    """Whether a sample's entries cost less, each a row of W W^T twice, than five products with W."""
    n, m = job.n_features, job.n_hidden
    entries = p.sum() * (n / 2 + 12) + n
    suits = job.law == unit_laws.FEATURES and job.tied and not job.relu_hidden
    return bool(suits and n >= 16 and entries + n * n * m / (2 * job.batch) < 5 / 8 * n * m)


def _sums_in_closed_form(job: Job, importance: np.ndarray) -> bool:
    """Whether the model is wide and its outputs that are surely positive can be summed at once."""
    suits = job.tied and job.relu_output and not (job.relu_hidden or job.absolute_target)
    wide = job.n_features >= WIDE and job.n_features > 2 * job.n_hidden
    alike = job.law == unit_laws.FEATURES and (importance == importance[0]).all()
    return bool(suits and wide and alike and job.batch % 4 == 0)


def plan(job: Job, conditions: Sequence[Condition]) -> tuple[list[Plan], np.ndarray]:
    """The plans of a job, and for every run the row of its plan's table, [run]."""
    known: dict[int, tuple[str, int]] = {}
    chosen: dict[bytes, str] = {}
    tables: dict[str, dict[bytes, int]] = {}
    members: dict[str, list[int]] = {}
    row = np.empty(len(conditions), np.int64)
    for r, condition in enumerate(conditions):
        if id(condition) not in known:
            p = gate_densities(job, condition)
            importance = condition.importances()
            form = p.tobytes() + importance.tobytes()
            if form not in chosen:
                chosen[form] = choose(job, p, importance)
            path = chosen[form]
            table = tables.setdefault(path, {})
            known[id(condition)] = path, table.setdefault(p.tobytes(), len(table))
        path, row[r] = known[id(condition)]
        members.setdefault(path, []).append(r)
    plans = [
        Plan(*PATHS[path][:2], _table(PATHS[path][2], tables[path], job.batch), np.array(runs))
        for path, runs in members.items()
    ]
    return plans, row


def gate_densities(job: Job, condition: Condition) -> np.ndarray:
    """p [unit] of the units that are on independently of one another."""
    if job.law == unit_laws.ROWS:
        return np.ones(1)
    data = plugins.load("data", condition.data.name)
    return data.gates(condition) if job.law == unit_laws.ONE_SET else data.units(condition)


def _table(law_of: Callable, densities: dict[bytes, int], batch: int) -> tuple:
    """The laws of some densities, stacked field by field."""
    rows = [law_of(np.frombuffer(p), batch) for p in densities]
    return type(rows[0])(*(np.stack(field) for field in zip(*rows, strict=True)))
