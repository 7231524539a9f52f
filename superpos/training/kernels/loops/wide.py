"""The training loop of wide tied models with one importance."""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part
from superpos.numerics.philox import ROUNDS
from superpos.training.kernels import fill, laws, run, wide, wide_draw, wide_scratch
from superpos.training.kernels.masks import WORD
from superpos.training.kernels.philox_lanes import round_keys


def carried_size(job):
    """How many numbers at the end of the masks a step passes on to the next: `steady` and `flips`.

    Each starts at a multiple of 64 bytes, as `run.floats_of` lays arrays out.
    """
    words = -(-job.n_features // WORD)
    return (words + 7) // 8 * 8 + WORD * words


@numba.njit(nogil=True, cache=True)
def train(job, table, schedule, runs, training_set, members):
    """Train the runs `members` of a wide model with equal importances."""
    z, arrays, start = _scratch(job, runs.P[0, :1])
    carried = arrays[0][start : start + runs.carried.shape[1]]
    G = np.zeros(runs.P.shape[1], np.float32)
    keys = np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        arrays[0][:] = 0
        carried[:] = runs.carried[r]
        round_keys(runs.keys[r], keys)
        _train_run(job, table, schedule, runs, r, z, G, keys)
        runs.carried[r] = carried
    # The arrays must outlive the pointers in z.
    return arrays


@part
def _scratch(job, like):
    """The wide kernel's scratch, its arrays with masks first, and the index at which `steady` starts in
    the masks."""
    masks, by = run.floats_of(wide_scratch.mask_sizes(job), np.zeros(1, np.uint64))
    words, of = run.floats_of(wide_scratch.word_sizes(job), np.zeros(1, np.uint32))
    floats, at = run.floats_of(wide_scratch.sizes(job), like)
    f, a, w = v.pointer(floats), v.pointer(masks), v.pointer(words)
    z = wide_scratch.Scratch(
        v.shift(a, by[0]), v.shift(a, by[1]), v.shift(a, by[2]), v.shift(a, by[3]),
        v.shift(a, by[4]), v.shift(a, by[5]), v.shift(a, by[6]), v.shift(a, by[7]),
        v.shift(w, of[0]), v.shift(w, of[1]), v.shift(f, at[0]), v.shift(f, at[1]),
        v.shift(f, at[2]), v.shift(f, at[3]), v.shift(f, at[4]), v.shift(f, at[5]),
        v.shift(f, at[6]), v.shift(f, at[7]), v.shift(f, at[8]), v.shift(f, at[9]),
        v.shift(f, at[10]),
    )  # fmt: skip
    return z, (masks, words, floats), by[6]


@part
def _train_run(job, table, schedule, runs, r, z, G, words):
    own, gates = run.learner(schedule, runs, r, G), laws.gates_of(table, runs.table_row[r])
    importance, keys = v.pointer(runs.importance[r]), v.pointer(words)
    c = runs.scale[r, 0]
    progress = run.progress_after(job, own, schedule.begin)
    by_bytes = wide_draw.draws_bytes(job, gates)
    for t in range(schedule.begin, schedule.end):
        with_loss = run.records_loss(own, t, progress)
        wide.prepare(job, own.P, c, z)
        for first in range(0, job.batch // 4, 8):
            samples = wide_draw.draw(job, gates, by_bytes, keys, t + 1, first, z)
            wide.tile(job, c, samples, importance, z, with_loss)
        loss_sum = wide.finish(job, c, z, own.G)
        progress = run.finish_step(job, own, t, loss_sum, progress)


@numba.njit(nogil=True, cache=True)
def batch(job, table, t, training_set, key, step):
    """The samples x [sample, feature] that `train` draws for a step."""
    z, arrays, _ = _scratch(job, np.zeros(1, np.float32))
    keys, gates = np.zeros(2 * ROUNDS, np.uint64), laws.gates_of(table, t)
    round_keys(key, keys)
    x = np.zeros((job.batch, job.n_features), np.float32)
    by_bytes, found = wide_draw.draws_bytes(job, gates), 0
    for first in range(0, job.batch // 4, 8):
        samples = wide_draw.draw(job, gates, by_bytes, v.pointer(keys), step, first, z)
        for s in range(fill.TILE):
            if (samples >> np.uint64(s)) & np.uint64(1):
                for i in range(job.n_features):
                    x[found, i] = z.A[i * wide_scratch.ROW + s]
                found += 1
    return x, arrays, keys


@numba.njit(nogil=True, cache=True)
def gradient(job, P, x, c, importance, steady):
    """dL/dP [parameter] and the loss of x [sample, feature], a multiple of 32 samples.

    steady [feature] says which features are in L.
    """
    z, arrays, _ = _scratch(job, P)
    G = np.zeros_like(P)
    for j in range(job.n_features):
        z.flips[j] = np.uint64(job.batch if steady[j] else 0)
    wide.prepare(job, v.pointer(P), c, z)
    for first in range(0, len(x), fill.TILE):
        for i in range(job.n_features):
            z.on[i] = np.uint64(0)
            for lane in range(fill.TILE):
                z.A[i * wide_scratch.ROW + lane] = x[first + lane, i]
                if x[first + lane, i] != 0:
                    z.on[i] |= np.uint64(1) << np.uint64(lane)
        wide.tile(job, c, wide_draw.inside(8), v.pointer(importance), z, True)
    loss_sum = wide.finish(job, c, z, v.pointer(G))
    return G, loss_sum / len(x), arrays
