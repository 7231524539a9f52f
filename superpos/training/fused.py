"""The fused engine: it trains each run in compiled code, and divides the runs of a job among threads.

It does the training that `superpos.training.reference` defines, with the kernels in `kernels`. The
kernel depends only on the condition, so a run's bytes are the same whatever it is batched with.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import numpy as np

from superpos.config.condition import Condition
from superpos.numerics import kernel_codes
from superpos.numerics.samples import Samples
from superpos.training import start
from superpos.training.kernels import paths
from superpos.training.kernels.kernel_job import KernelJob, kernel_job, parameter_count, unpack
from superpos.training.kernels.run import Runs, Schedule
from superpos.training.progress import Progress, no_progress
from superpos.training.records import FROM_THE_START, Recording, Saved, Trained

if TYPE_CHECKING:
    from jaxtyping import Float32

STATE = ("P", "moments", "carried", "loss", "checkpoints")
"""The arrays of `Runs` that training changes: with the step, they are the whole state."""

UNTRAINED = -1.0
"""The loss of a step that is not made yet; no loss is negative."""
BLOCKS_PER_THREAD = 32
"""How many blocks of runs each thread takes, one after another, so that no thread waits long."""


def train(
    conditions: Sequence[Condition],
    keys: Sequence[np.uint64],
    recording: Recording,
    training_set: Samples | None = None,
    threads: int = 1,
    saved: Saved = FROM_THE_START,
    report_progress: Progress = no_progress,
) -> Trained:
    """Train run r on conditions[r] with keys[r], as `reference.train` does."""
    job = kernel_job(conditions[0])
    plans, table_row = paths.make_plans(job, conditions)
    carried = max(paths.carried_size(plan.path, job) for plan in plans)
    runs = _runs(job, conditions, keys, table_row, recording, carried)
    runs = runs._replace(**{name: np.array(saved.arrays[name]) for name in STATE if saved.arrays})
    rows = _rows(job, training_set)
    with ThreadPoolExecutor(threads) as pool:
        for begin, end in saved.parts(saved.step, job.steps):
            schedule = _schedule(conditions[0], recording, begin, end)
            work = [
                pool.submit(plan.path.train, job, plan.table, schedule, runs, rows, block)
                for plan in plans
                for block in _blocks(plan.members, threads)
            ]
            _wait(work, runs.loss, report_progress)
            saved.keep({"step": np.array(end), **{name: getattr(runs, name) for name in STATE}})
    return _trained(job, runs)


def _wait(work: list[Future[None]], losses: np.ndarray, report_progress: Progress) -> None:
    """Wait until all blocks are trained, and report progress from the losses [run, record] written so far."""
    pending = set(work)
    while pending:
        _, pending = wait(pending, timeout=1)
        report_progress(np.count_nonzero(losses != UNTRAINED) / max(losses.size, 1))
    for block in work:
        block.result()


def _schedule(condition: Condition, recording: Recording, begin: int, end: int) -> Schedule:
    return Schedule(
        start.schedule_factors(condition),
        np.array(recording.loss_steps, np.int64),
        np.array(recording.checkpoint_steps, np.int64),
        *(begin, end),
    )


def minibatch(
    condition: Condition,
    key: np.uint64,
    step: int,
    training_set: Samples | None,
) -> Float32[np.ndarray, "sample feature"]:
    """The samples x of a step as this engine draws them, in arbitrary order."""
    job = kernel_job(condition)
    (plan,), _ = paths.make_plans(job, [condition])
    draw = paths.batch(plan.path)
    x: np.ndarray = draw(job, plan.table, 0, _rows(job, training_set), key, step)[0]
    return x


def _rows(job: KernelJob, training_set: Samples | None) -> Samples | np.ndarray:
    """The training set in the kernel's format, sparse or [row, feature]; a row of zeros if there is none."""
    if training_set is None:
        return np.zeros((1, job.n_features), np.float32)
    if job.kernel_code == kernel_codes.WHOLE_SET:
        return training_set
    return training_set.dense(job.n_features)


def _runs(
    job: KernelJob,
    conditions: Sequence[Condition],
    keys: Sequence[np.uint64],
    table_row: np.ndarray,
    recording: Recording,
    carried: int,
) -> Runs:
    count, size = len(conditions), parameter_count(job)
    lr = np.array([c.optimizer.lr for c in conditions])
    decay = np.array([start.decay_rate(c) for c in conditions])
    importance = _importances(conditions)
    P = np.zeros((count, size), np.float32)
    arrays = start.stacked_weights(conditions, keys)
    flat = np.concatenate([a.reshape(count, -1) for a in arrays if a is not None], axis=1)
    P[:, : flat.shape[1]] = flat
    return Runs(
        np.array(keys, np.uint64), table_row, lr, decay,
        (2 / job.batch * importance).astype(np.float32), importance.astype(np.float32), P,
        np.zeros((count, 2, size), np.float32), np.zeros((count, carried), np.uint64),
        np.full((count, len(recording.loss_steps)), UNTRAINED, np.float32),
        np.zeros((count, len(recording.checkpoint_steps), size), np.float32),
    )  # fmt: skip


def _importances(conditions: Sequence[Condition]) -> np.ndarray:
    """I [run, feature]; replicates share a condition, so its vector is made only once."""
    known: dict[int, np.ndarray] = {}
    for condition in conditions:
        if id(condition) not in known:
            known[id(condition)] = condition.importances()
    return np.stack([known[id(c)] for c in conditions])


def _blocks(members: np.ndarray, threads: int) -> list[np.ndarray]:
    """Distribute the runs of a plan over the blocks in turn, because costs vary along a sweep."""
    count = min(len(members), threads * BLOCKS_PER_THREAD)
    return [members[i::count].copy() for i in range(count)]


def _trained(job: KernelJob, runs: Runs) -> Trained:
    W, W_out, b = unpack(job, runs.P)
    return Trained(W, W_out, b, runs.loss, *unpack(job, runs.checkpoints))
