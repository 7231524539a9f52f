"""The training loop of dense tiles; samples with one feature on may be drawn and counted separately."""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part
from superpos.training.kernels import dense, fill, laws, run, single, single_scratch, small
from superpos.training.kernels.loops import integers
from superpos.training.kernels.philox_lanes import round_keys


def train(job, table, schedule, runs, training_set, members):
    """Train the runs `members` on dense tiles, compiled for the model's shape if it is small."""
    return _train(small.shape_of(job), job, table, schedule, runs, training_set, members)


@numba.njit(nogil=True, cache=True)
def _train(shape, job, table, schedule, runs, training_set, members):
    floats, starts = run.floats_of(dense.sizes(job), runs.P[0, :1])
    values, of_values = run.floats_of(single_scratch.sizes(job), runs.P[0, :1])
    z = dense.scratch(v.pointer(floats), starts)
    alone = single_scratch.scratch(v.pointer(values), of_values)
    G, words, sums = (
        np.zeros(runs.P.shape[1], np.float32),
        integers.arrays(job),
        floats[starts[6] :],
    )
    for r in members:
        round_keys(runs.keys[r], words[0])
        run.weigh(job, runs.scale[r], runs.importance[r], alone)
        _train_run(shape, job, table, schedule, runs, training_set, r, sums, G, words, z, alone)
    # The arrays must outlive the pointers in z and alone.
    return floats, values


@part
def _train_run(shape, job, table, schedule, runs, training_set, r, sums, G, words, z, of_alone):
    own, key = run.learner(schedule, runs, r, G), runs.keys[r]
    scale, importance = v.pointer(runs.scale[r]), v.pointer(runs.importance[r])
    w = integers.pointers(words)
    gates, classes = (
        laws.gates_of(table, runs.table_row[r]),
        laws.classes_of(table, runs.table_row[r]),
    )
    rows = fill.TrainingRows(v.pointer(training_set), len(training_set), w.chosen)
    split, alone = classes.number > 1, v.shift(w.counts, 1)
    progress = run.progress_after(job, own, schedule.begin)
    for t in range(schedule.begin, schedule.end):
        sums[:] = 0
        with_loss = run.records_loss(own, t, progress)
        samples, count = integers.draw_counts(job, classes, t + 1, w)
        for tile in range(count):
            fill.fill_tile(job, gates, rows, key, w.keys, t + 1, samples, 8 * tile, z.X)
            small.tile_of(shape, job, own.P, scale, importance, z, with_loss)
        empty = job.batch - count * fill.TILE
        if split:
            empty -= single.draw(job, alone, w.keys, t + 1, of_alone)
        loss_sum = dense.finish(job, own.P, scale, importance, z.sums, np.float32(empty), own.G)
        if split:
            loss_sum += single.add(job, own.P, alone, of_alone, with_loss, own.G)
        progress = run.finish_step(job, own, t, loss_sum, progress)


@numba.njit(nogil=True, cache=True)
def batch(job, table, t, training_set, key, step):
    """The samples x [sample, feature] that `train` draws for a step, followed by the empty ones."""
    words, X = integers.arrays(job), np.zeros((job.n_features, fill.TILE), np.float32)
    round_keys(key, words[0])
    w, gates, classes = integers.pointers(words), laws.gates_of(table, t), laws.classes_of(table, t)
    rows = fill.TrainingRows(v.pointer(training_set), len(training_set), w.chosen)
    samples, tiles = integers.draw_counts(job, classes, step, w)
    quarter = (samples + 3) // 4
    x = np.zeros((max(job.batch, samples), job.n_features), np.float32)
    for first in range(0, 8 * tiles, 8):
        fill.fill_tile(job, gates, rows, key, w.keys, step, samples, first, v.pointer(X))
        for g in range(4):
            for lane in range(min(8, quarter - first)):
                s = g * quarter + first + lane
                if s < samples:
                    x[s] = X[:, 8 * g + lane]
    floats, starts = run.floats_of(single_scratch.sizes(job), x[0, :1])
    if classes.number > 1:
        z = single_scratch.scratch(v.pointer(floats), starts)
        single.draw(job, v.shift(w.counts, 1), w.keys, step, z)
        at = 0
        for i in range(job.n_features):
            count = words[3][1 + i]
            x[samples : samples + count, i] = floats[at : at + count]
            samples += count
            at += (count + 7) // 8 * 8
    # The arrays must outlive the pointers to them.
    return x, X, words, floats


def gradient(job, P, x, scale, importance):
    """dL/dP [parameter] and the loss of x [sample, feature], by dense tiles."""
    return _gradient(None, job, P, x, scale, importance)


def small_gradient(job, P, x, scale, importance):
    """`gradient`, compiled for the shape of a small model."""
    return _gradient(small.shape_of(job, P.dtype), job, P, x, scale, importance)


@numba.njit(nogil=True, cache=True)
def _gradient(shape, job, P, x, scale, importance):
    floats, starts = run.floats_of(dense.sizes(job), P)
    z, G, p = dense.scratch(v.pointer(floats), starts), np.zeros_like(P), v.pointer(P)
    slope, weight = v.pointer(scale), v.pointer(importance)
    for first in range(0, len(x), fill.TILE):
        for i in range(job.n_features):
            for lane in range(fill.TILE):
                s = first + lane
                z.X[i * fill.TILE + lane] = x[s, i] if s < len(x) else x[0, 0] - x[0, 0]
        small.tile_of(shape, job, p, slope, weight, z, True)
    empty = len(x) - fill.TILE * ((len(x) + fill.TILE - 1) // fill.TILE)
    loss_sum = dense.finish(job, p, slope, weight, z.sums, empty, v.pointer(G))
    return G, loss_sum / len(x), floats


@numba.njit(nogil=True, cache=True)
def single_gradient(job, P, values, counts, scale, importance):
    """dL/dP [parameter] and the loss of samples with one feature on.

    values [sample]: feature by feature, padded with 0 to a multiple of eight for each; counts [feature].
    """
    floats, starts = run.floats_of(single_scratch.sizes(job), P)
    z, G = single_scratch.scratch(v.pointer(floats), starts), np.zeros_like(P)
    floats[: len(values)] = values
    run.weigh(job, scale, importance, z)
    loss_sum = single.add(job, v.pointer(P), v.pointer(counts), z, True, v.pointer(G))
    return G, loss_sum / job.batch, floats
