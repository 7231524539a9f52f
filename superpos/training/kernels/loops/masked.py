"""The training loop of wide models with a hidden ReLU."""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part
from superpos.training.kernels import fill, laws, masked, masks, run
from superpos.training.kernels.loops import integers
from superpos.training.kernels.philox_lanes import round_keys


def train(job, table, schedule, runs, training_set, members):
    """Train the runs `members` of a wide model with a hidden ReLU, compiled for the length of its rows."""
    row = masks.row_of(job.n_hidden, at_once=2)
    return _train(row, job, table, schedule, runs, training_set, members)


@numba.njit(nogil=True, cache=True)
def _train(row, job, table, schedule, runs, training_set, members):
    z, arrays = _scratch(job, row, runs.P[0, :1])
    G, words = np.zeros(runs.P.shape[1], np.float32), integers.arrays(job)
    for r in members:
        round_keys(runs.keys[r], words[0])
        _train_run(job, row, table, schedule, runs, training_set, r, z, G, words)
    # The arrays must outlive the pointers in z.
    return arrays


@part
def _scratch(job, row, like):
    bits, by = run.floats_of(masked.mask_sizes(job), np.zeros(1, np.uint64))
    floats, at = run.floats_of(masked.sizes(job, row), like)
    return masked.scratch(v.pointer(bits), by, v.pointer(floats), at), (bits, floats)


@part
def _train_run(job, row, table, schedule, runs, training_set, r, z, G, words):
    own, key, w = run.learner(schedule, runs, r, G), runs.keys[r], integers.pointers(words)
    scale, importance = v.pointer(runs.scale[r]), v.pointer(runs.importance[r])
    gates, classes = (
        laws.gates_of(table, runs.table_row[r]),
        laws.classes_of(table, runs.table_row[r]),
    )
    rows = fill.TrainingRows(v.pointer(training_set), len(training_set), w.chosen)
    progress = run.progress_after(job, own, schedule.begin)
    for t in range(schedule.begin, schedule.end):
        with_loss = run.records_loss(own, t, progress)
        samples, count = integers.draw_counts(job, classes, t + 1, w)
        masked.prepare(job, row, own.P, z)
        for tile in range(count):
            fill.fill_tile(job, gates, rows, key, w.keys, t + 1, samples, 8 * tile, z.X)
            masked.tile(job, row, own.P, scale, importance, z, with_loss)
        empty = np.float32(job.batch - count * fill.TILE)
        loss_sum = masked.finish(job, row, own.P, scale, importance, z, empty, own.G)
        progress = run.finish_step(job, own, t, loss_sum, progress)


def gradient(job, P, x, scale, importance):
    """dL/dP [parameter] and the loss of x [sample, feature], visiting only non-zero entries."""
    row = masks.row_of(job.n_hidden, P.dtype, at_once=2)
    return _gradient(row, job, P, x, scale, importance)


@numba.njit(nogil=True, cache=True)
def _gradient(row, job, P, x, scale, importance):
    z, arrays = _scratch(job, row, P)
    G, tiles = np.zeros_like(P), (len(x) + fill.TILE - 1) // fill.TILE
    weights, of_loss = v.pointer(scale), v.pointer(importance)
    masked.prepare(job, row, v.pointer(P), z)
    for tile in range(tiles):
        _put(job, x, tile, z.X)
        masked.tile(job, row, v.pointer(P), weights, of_loss, z, True)
    empty = len(x) - fill.TILE * tiles
    loss_sum = masked.finish(job, row, v.pointer(P), weights, of_loss, z, empty, v.pointer(G))
    return G, loss_sum / len(x), arrays


@part
def _put(job, x, tile, X):
    """Copy a tile's samples of x [sample, feature] to X [feature, 32], followed by zeros."""
    for i in range(job.n_features):
        for lane in range(fill.TILE):
            s = tile * fill.TILE + lane
            X[i * fill.TILE + lane] = x[s, i] if s < len(x) else x[0, 0] - x[0, 0]
