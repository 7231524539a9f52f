"""The training loop of sparse tied models, through W W^T."""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part
from superpos.numerics.philox import ROUNDS
from superpos.training.kernels import gram, masks, run, skips
from superpos.training.kernels.philox_lanes import round_keys


def train(job, table, schedule, runs, training_set, members):
    """Train the runs `members` of a sparse tied model, compiled for the lengths of its rows."""
    rows = masks.row_of(job.n_features), masks.row_of(job.n_hidden)
    return _train(*rows, job, table, schedule, runs, training_set, members)


@numba.njit(nogil=True, cache=True)
def _train(row, hidden_row, job, table, schedule, runs, training_set, members):
    floats, starts = run.floats_of(gram.sizes(job, row, hidden_row), runs.P[0, :1])
    z, entries = gram.scratch(v.pointer(floats), starts), _entries(job)
    G, keys = np.zeros(runs.P.shape[1], np.float32), np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        round_keys(runs.keys[r], keys)
        run.weigh(job, runs.scale[r], runs.importance[r], z)
        _train_run(job, row, hidden_row, table, schedule, runs, r, z, entries, G, keys)
    # The arrays must outlive the pointers in z.
    return floats


@part
def _train_run(job, row, hidden_row, table, schedule, runs, r, z, arrays, G, words):
    own, keys = run.learner(schedule, runs, r, G), v.pointer(words)
    skip_law, entries = skips.skips_of(table, runs.table_row[r]), skips.pointers(arrays)
    progress = run.progress_after(job, own, schedule.begin)
    for t in range(schedule.begin, schedule.end):
        with_loss = run.records_loss(own, t, progress)
        found = skips.draw(job, skip_law, keys, t + 1, entries)
        gram.prepare(job, row, hidden_row, own.P, z)
        loss = gram.batch(job, row, entries, found, z, with_loss)
        empty = np.float32(job.batch - found)
        loss_sum = gram.finish(job, row, hidden_row, z, empty, loss, own.G)
        progress = run.finish_step(job, own, t, loss_sum, progress)


@part
def _entries(job):
    """Arrays large enough for the entries of a batch even if all are active."""
    most = job.batch * job.n_features + 32
    return (
        np.zeros(job.batch + 1, np.int64), np.zeros(most, np.int64), np.zeros(most, np.float32),
        np.zeros(skips.BUFFER + most, np.uint32),
    )  # fmt: skip


@numba.njit(nogil=True, cache=True)
def batch(job, table, t, training_set, key, step):
    """The samples x [sample, feature] that `train` draws for a step, followed by the empty ones."""
    keys, arrays = np.zeros(2 * ROUNDS, np.uint64), _entries(job)
    round_keys(key, keys)
    start, feature, value, _ = arrays
    found = skips.draw(job, skips.skips_of(table, t), v.pointer(keys), step, skips.pointers(arrays))
    x = np.zeros((job.batch, job.n_features), np.float32)
    for s in range(found):
        for e in range(start[s], start[s + 1]):
            x[s, feature[e]] = value[e]
    return x, keys, arrays


def gradient(job, P, x, scale, importance):
    """dL/dP [parameter] and the loss of x [sample, feature], through W W^T."""
    rows = masks.row_of(job.n_features, P.dtype), masks.row_of(job.n_hidden, P.dtype)
    return _gradient(*rows, job, P, x, scale, importance)


@numba.njit(nogil=True, cache=True)
def _gradient(row, hidden_row, job, P, x, scale, importance):
    start, feature, value, words = _entries(job)
    value = value.astype(P.dtype)
    found = entry = 0
    for s in range(len(x)):
        if (x[s] != 0).any():
            start[found] = entry
            found += 1
            for i in np.flatnonzero(x[s]):
                feature[entry], value[entry] = i, x[s, i]
                entry += 1
    start[found] = entry
    floats, starts = run.floats_of(gram.sizes(job, row, hidden_row), P)
    z, G, arrays = (
        gram.scratch(v.pointer(floats), starts),
        np.zeros_like(P),
        (start, feature, value, words),
    )
    run.weigh(job, scale, importance, z)
    gram.prepare(job, row, hidden_row, v.pointer(P), z)
    loss = gram.batch(job, row, skips.pointers(arrays), found, z, True)
    loss_sum = gram.finish(job, row, hidden_row, z, len(x) - found, loss, v.pointer(G))
    return G, loss_sum / len(x), (arrays, floats)
