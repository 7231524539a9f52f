"""The training loop over fresh samples of unit norm, of tied models with a ReLU at the output.

Each step draws a small sparse set and makes the step of the `whole_set` loop over it.
"""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part
from superpos.numerics.philox import ROUNDS
from superpos.training.kernels import run, skips, unit_norm, whole_set
from superpos.training.kernels.loops.whole_set import (
    CLEARED_EVERY,
    clear_tiny,
    pointers,
    scratch,
    turn,
)
from superpos.training.kernels.philox_lanes import round_keys


def train(job, table, schedule, runs, training_set, members):
    """Train the runs `members` on fresh samples, compiled for the number of hidden units."""
    _train(whole_set.shape_of(job), job, table, schedule, runs, members)


def batch(job, table, t, training_set, key, step):
    """The samples x [sample, feature] that `train` draws for a step."""
    return _batch(whole_set.shape_of(job), job, table, t, key, step)


@numba.njit(nogil=True, cache=True)
def _train(shape, job, table, schedule, runs, members):
    z, arrays = scratch(shape, job, runs.P[0, :1])
    drawn, entries = _drawn(job), _entries(job)
    G, keys = np.zeros(runs.P.shape[1], np.float32), np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        for j in range(job.n_features):
            z.root[j] = np.sqrt(runs.importance[r, j])
        round_keys(runs.keys[r], keys)
        own, law = run.learner(schedule, runs, r, G), skips.skips_of(table, runs.table_row[r])
        turn(job, runs, r, 0, 0, True)
        begin = run.progress_after(job, own, schedule.begin)
        end = _train_run(shape, job, schedule, own, law, v.pointer(keys), drawn, entries, z, begin)
        turn(job, runs, r, begin[3], end[3], False)
    # The arrays must outlive the pointers in z.
    return arrays


@part
def _train_run(shape, job, schedule, own, law, keys, drawn, entries, z, progress):
    samples, e = skips.pointers(drawn), pointers(entries)
    for t in range(schedule.begin, schedule.end):
        with_loss = run.records_loss(own, t, progress)
        unit_norm.draw(shape, job, law, keys, t + 1, samples, e)
        loss_sum = whole_set.add_all(shape, job, own.P, e, job.batch, z, own.G, with_loss)
        progress = run.finish_step(job, own, t, loss_sum, progress)
        if t % CLEARED_EVERY == 0:
            clear_tiny(own)
    return progress


@part
def _most(job):
    """How many entries a batch has if all are active; memory is taken only for those that are written."""
    return job.batch * job.n_features + 32


@part
def _drawn(job):
    most = _most(job)
    return (
        np.empty(job.batch + 1, np.int64), np.empty(most, np.int64), np.empty(most, np.float32),
        np.empty(skips.BUFFER + 32, np.uint32),
    )  # fmt: skip


@part
def _entries(job):
    most = _most(job)
    return whole_set.Entries(
        np.empty(job.batch + 1, np.int64), np.empty(most, np.uint8), np.empty(most, np.uint16),
        np.empty(most, np.float32),
    )  # fmt: skip


@numba.njit(nogil=True, cache=True)
def _batch(shape, job, table, t, key, step):
    drawn, entries, keys = _drawn(job), _entries(job), np.zeros(2 * ROUNDS, np.uint64)
    round_keys(key, keys)
    samples, law = skips.pointers(drawn), skips.skips_of(table, t)
    unit_norm.draw(shape, job, law, v.pointer(keys), step, samples, pointers(entries))
    start, feature, value, _ = drawn
    x = np.zeros((job.batch, job.n_features), np.float32)
    for s in range(job.batch):
        for e in range(start[s], start[s + 1]):
            x[s, feature[e]] = value[e]
    return x, keys, drawn, entries
