"""Wide tied models with one importance."""

import numba
import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.philox import ROUNDS
from superpos.training.kernels import fill, laws, run, wide
from superpos.training.kernels.draw import round_keys

carried_size = wide.carried_size


@numba.njit(nogil=True, cache=True)
def train(job, law, schedule, runs, training_set, members):
    """Train the runs `members` of a wide model with equal importances."""
    z, arrays = _scratch(job, runs.P[0, :1])
    carried = arrays[0][len(arrays[0]) - wide.carried_size(job) :]
    G = np.zeros(runs.P.shape[1], np.float32)
    keys = np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        arrays[0][:] = 0
        carried[:] = runs.carried[r]
        round_keys(runs.keys[r], keys)
        _train_run(job, law, schedule, runs, r, z, G, keys)
        runs.carried[r] = carried
    # What z points into must outlive it.
    return arrays


@numba.njit
def _scratch(job, like):
    """Scratch of the wide kernel, and the arrays that it points into, masks first."""
    masks, by = run.floats_of(wide.mask_sizes(job), np.zeros(1, np.uint64))
    words, of = run.floats_of(wide.word_sizes(job), np.zeros(1, np.uint32))
    floats, at = run.floats_of(wide.sizes(job), like)
    f, a, w = v.pointer(floats), v.pointer(masks), v.pointer(words)
    z = wide.Scratch(
        v.shift(a, by[0]), v.shift(a, by[1]), v.shift(a, by[2]), v.shift(a, by[3]),
        v.shift(a, by[4]), v.shift(a, by[5]), v.shift(a, by[6]), v.shift(a, by[7]),
        v.shift(w, of[0]), v.shift(w, of[1]), v.shift(f, at[0]), v.shift(f, at[1]),
        v.shift(f, at[2]), v.shift(f, at[3]), v.shift(f, at[4]), v.shift(f, at[5]),
        v.shift(f, at[6]), v.shift(f, at[7]), v.shift(f, at[8]), v.shift(f, at[9]),
        v.shift(f, at[10]),
    )  # fmt: skip
    return z, (masks, words, floats)


@numba.njit
def _train_run(job, law, schedule, runs, r, z, G, words):
    own, gates = run.learner(schedule, runs, r, G), laws.gates_of(law, runs.law[r])
    importance, keys = v.pointer(runs.importance[r]), v.pointer(words)
    c = runs.scale[r, 0]
    progress = run.standing(job, own, schedule.begin)
    by_bytes = wide.few(job, gates)
    for t in range(schedule.begin, schedule.end):
        with_loss = run.asks_loss(own, t, progress)
        wide.prepare(job, own.P, c, z)
        for first in range(0, job.batch // 4, 8):
            samples = wide.draw(job, gates, by_bytes, keys, t + 1, first, z)
            wide.tile(job, c, samples, importance, z, with_loss)
        loss_sum = wide.finish(job, c, z, own.G)
        progress = run.finish_step(job, own, t, loss_sum, progress)


@numba.njit(nogil=True, cache=True)
def batch(job, law, t, training_set, key, step):
    """The samples that `wide_runs` draws for a step, x [sample, feature]."""
    z, arrays = _scratch(job, np.zeros(1, np.float32))
    keys, gates = np.zeros(2 * ROUNDS, np.uint64), laws.gates_of(law, t)
    round_keys(key, keys)
    x = np.zeros((job.batch, job.n_features), np.float32)
    by_bytes, found = wide.few(job, gates), 0
    for first in range(0, job.batch // 4, 8):
        samples = wide.draw(job, gates, by_bytes, v.pointer(keys), step, first, z)
        for s in range(fill.TILE):
            if (samples >> np.uint64(s)) & np.uint64(1):
                for i in range(job.n_features):
                    x[found, i] = z.A[i * wide.ROW + s]
                found += 1
    return x, arrays, keys


@numba.njit(nogil=True, cache=True)
def gradient(job, P, x, c, importance, steady):
    """dL/dP [parameter] and loss of x [sample, feature], 32 k samples, in closed form for the
    features `steady` [feature]."""
    z, arrays = _scratch(job, P)
    G = np.zeros_like(P)
    for j in range(job.n_features):
        z.flips[j] = np.uint64(job.batch if steady[j] else 0)
    wide.prepare(job, v.pointer(P), c, z)
    for first in range(0, len(x), fill.TILE):
        for i in range(job.n_features):
            z.on[i] = np.uint64(0)
            for lane in range(fill.TILE):
                z.A[i * wide.ROW + lane] = x[first + lane, i]
                if x[first + lane, i] != 0:
                    z.on[i] |= np.uint64(1) << np.uint64(lane)
        wide.tile(job, c, wide.inside(8), v.pointer(importance), z, True)
    loss_sum = wide.finish(job, c, z, v.pointer(G))
    return G, loss_sum / len(x), arrays
