"""The training loop with a control variate."""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part
from superpos.numerics.philox import ROUNDS
from superpos.training.kernels import controlled, fill, laws, run
from superpos.training.kernels.philox_lanes import round_keys


@numba.njit(nogil=True, cache=True)
def train(job, table, schedule, runs, training_set, members):
    """Train the runs `members` with a control variate."""
    floats, starts = run.floats_of(controlled.sizes(job), runs.P[0, :1])
    bent = np.zeros(job.n_features + 1, np.int64)
    G = np.zeros(runs.P.shape[1], np.float32)
    keys = np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        round_keys(runs.keys[r], keys)
        z = _scratch(v.pointer(bent), v.pointer(floats), starts)
        _train_run(job, table, schedule, runs, r, z, floats, starts, G, keys)


@part
def _scratch(bent, floats, at):
    return controlled.Scratch(
        bent, v.shift(floats, at[0]), v.shift(floats, at[1]), v.shift(floats, at[2]),
        v.shift(floats, at[3]), v.shift(floats, at[4]), v.shift(floats, at[5]),
        v.shift(floats, at[6]), v.shift(floats, at[7]), v.shift(floats, at[8]),
        v.shift(floats, at[9]), v.shift(floats, at[10]), v.shift(floats, at[11]),
        v.shift(floats, at[12]),
    )  # fmt: skip


@part
def _train_run(job, table, schedule, runs, r, z, floats, starts, G, words):
    own, gates = run.learner(schedule, runs, r, G), laws.gates_of(table, runs.table_row[r])
    importance, keys = v.pointer(runs.importance[r]), v.pointer(words)
    c, p = runs.scale[r, 0], laws.density(gates, 0)
    progress = run.progress_after(job, own, schedule.begin)
    for t in range(schedule.begin, schedule.end):
        floats[starts[12] :] = 0
        with_loss = run.records_loss(own, t, progress)
        for i in range(job.n_features * (job.n_hidden + 1)):
            z.Q[i] = own.P[i]
        for tile in range(job.batch // fill.TILE):
            fill.features(job, gates, keys, t + 1, 8 * tile, z.X)
            controlled.tile(job, c, importance, z, with_loss)
        loss_sum = controlled.finish(job, p, importance, z, own.G)
        progress = run.finish_step(job, own, t, loss_sum, progress)


@numba.njit(nogil=True, cache=True)
def gradient(job, P, x, c, p, importance):
    """dL/dP [parameter] with a control variate, and the loss, of x [sample, feature], 32 k samples."""
    n = job.n_features
    floats, starts = run.floats_of(controlled.sizes(job), P)
    bent, G = np.zeros(n + 1, np.int64), np.zeros_like(P)
    z = _scratch(v.pointer(bent), v.pointer(floats), starts)
    for i in range(n * (job.n_hidden + 1)):
        z.Q[i] = P[i]
    for first in range(0, len(x), fill.TILE):
        for i in range(n):
            for lane in range(fill.TILE):
                z.X[i * fill.TILE + lane] = x[first + lane, i]
        controlled.tile(job, c, v.pointer(importance), z, True)
    loss_sum = controlled.finish(job, p, v.pointer(importance), z, v.pointer(G))
    return G, loss_sum / len(x), (floats, bent)
