"""Whole training loops, one a kind of gradient: draw, differentiate, step, record."""

from typing import NamedTuple

import numba
import numpy as np

from superpos.kernels import adam, controlled, dense, fill, laws, skips, sparse, wide
from superpos.kernels import simd as v
from superpos.kernels.draw import ROUNDS, round_keys
from superpos.kernels.laws import gates_of


class Runs(NamedTuple):
    """What differs between runs, and where what they learn is put.

    Arrays [run]: keys, law (a row of the laws' tables), lr, decay; scale, importance [run,
    feature];
    P [run, parameter], holding the weights before step `begin`; moments [run, 2, parameter]:
    Adam's M and V; carried [run, word]: what the wide kernel's steps leave to the next;
    loss [run, record]; checkpoints [run, checkpoint, parameter].
    """

    keys: np.ndarray
    law: np.ndarray
    lr: np.ndarray
    decay: np.ndarray
    scale: np.ndarray
    importance: np.ndarray
    P: np.ndarray
    moments: np.ndarray
    carried: np.ndarray
    loss: np.ndarray
    checkpoints: np.ndarray


class Schedule(NamedTuple):
    """Learning-rate factor of every step [step], the steps at which something is kept, and which
    steps are made: those after the first `begin`, up to and with `end`."""

    factor: np.ndarray
    loss_steps: np.ndarray
    checkpoint_steps: np.ndarray
    begin: int
    end: int


@numba.njit
def asks_loss(schedule, t, next_loss):
    """Whether the loss of step t + 1 is kept."""
    return next_loss < len(schedule.loss_steps) and schedule.loss_steps[next_loss] == t + 1


@numba.njit
def asks_checkpoint(schedule, t, next_checkpoint):
    """Whether the weights after step t + 1 are kept."""
    at = schedule.checkpoint_steps
    return next_checkpoint < len(at) and at[next_checkpoint] == t + 1


@numba.njit
def standing(job, schedule):
    """The betas' powers and the numbers of losses and checkpoints kept after `begin` steps."""
    power1, power2 = 1.0, 1.0
    next_loss, next_checkpoint = 0, 0
    for t in range(schedule.begin):
        power1, power2 = power1 * job.beta1, power2 * job.beta2
        next_loss += 1 if asks_loss(schedule, t, next_loss) else 0
        next_checkpoint += 1 if asks_checkpoint(schedule, t, next_checkpoint) else 0
    return power1, power2, next_loss, next_checkpoint


@numba.njit(nogil=True, cache=True)
def dense_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` on dense tiles."""
    tiles = np.zeros((3, max(job.n_features, job.n_hidden) * fill.TILE), np.float32)
    hidden = np.zeros((2, job.n_hidden * fill.TILE), np.float32)
    sums = np.zeros(dense.sums_size(job), np.float32)
    moments = np.zeros((3, runs.P.shape[1]), np.float32)
    words = np.zeros(2 * ROUNDS, np.uint64), np.zeros(fill.TILE, np.uint32)
    for r in members:
        moments[:2], moments[2] = runs.moments[r], 0
        round_keys(runs.keys[r], words[0])
        _dense_run(job, law, schedule, runs, training_set, r, tiles, hidden, sums, moments, words)
        runs.moments[r] = moments[:2]


@numba.njit
def _dense_run(job, law, schedule, runs, training_set, r, tiles, hidden, sums, moments, words):
    X, Y, zeros = v.pointer(tiles[0]), v.pointer(tiles[1]), v.pointer(tiles[2])
    H, E = v.pointer(hidden[0]), v.pointer(hidden[1])
    M, V, G = v.pointer(moments[0]), v.pointer(moments[1]), v.pointer(moments[2])
    P, scale, importance = (
        v.pointer(runs.P[r]),
        v.pointer(runs.scale[r]),
        v.pointer(runs.importance[r]),
    )
    S, key, keys = v.pointer(sums), runs.keys[r], v.pointer(words[0])
    gates, filled = gates_of(law, runs.law[r]), law.filled[runs.law[r]]
    rows = fill.Rows(v.pointer(training_set), len(training_set), v.pointer(words[1]))
    lr, decay = runs.lr[r], runs.decay[r]
    size = runs.P.shape[1]
    power1, power2, next_loss, next_checkpoint = standing(job, schedule)
    for t in range(schedule.begin, schedule.end):
        sums[:] = 0
        with_loss = asks_loss(schedule, t, next_loss)
        samples = fill.filled_samples(job, filled, key, t + 1)
        count = ((samples + 3) // 4 + 7) // 8
        for tile in range(count):
            fill.tile(job, gates, rows, key, keys, t + 1, samples, 8 * tile, X)
            dense.tile(job, P, X, scale, importance, zeros, Y, H, E, S, with_loss)
        empty = np.float32(job.batch - count * fill.TILE)
        loss_sum = dense.finish(job, P, scale, importance, S, empty, G)
        power1, power2 = power1 * job.beta1, power2 * job.beta2
        rate = np.float32(lr * schedule.factor[t])
        adam.step(P, M, V, G, size, rate, decay, job.beta1, job.beta2, job.eps, power1, power2)
        if with_loss:
            runs.loss[r, next_loss] = loss_sum / job.batch
            next_loss += 1
        if asks_checkpoint(schedule, t, next_checkpoint):
            runs.checkpoints[r, next_checkpoint] = runs.P[r]
            next_checkpoint += 1


@numba.njit
def _floats(sizes, like):
    """One array for several, and where each starts."""
    starts = np.zeros(len(sizes) + 1, np.int64)
    for i in range(len(sizes)):
        starts[i + 1] = starts[i] + sizes[i]
    return np.zeros(starts[-1], like.dtype), starts


@numba.njit(nogil=True, cache=True)
def wide_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` of a wide model with equal importances."""
    z, arrays = _wide_scratch(job, runs.P[0, :1])
    carried = arrays[0][len(arrays[0]) - wide.carried_size(job) :]
    moments = np.zeros((3, runs.P.shape[1]), np.float32)
    keys = np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        moments[:2], moments[2] = runs.moments[r], 0
        arrays[0][:] = 0
        carried[:] = runs.carried[r]
        round_keys(runs.keys[r], keys)
        _wide_run(job, law, schedule, runs, r, z, moments, keys)
        runs.moments[r], runs.carried[r] = moments[:2], carried
    # What z points into must outlive it.
    return arrays


@numba.njit
def _wide_scratch(job, like):
    """Scratch of the wide kernel, and the arrays that it points into, masks first."""
    masks, by = _floats(wide.mask_sizes(job), np.zeros(1, np.uint64))
    words, of = _floats(wide.word_sizes(job), np.zeros(1, np.uint32))
    floats, at = _floats(wide.sizes(job), like)
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
def _wide_run(job, law, schedule, runs, r, z, moments, words):
    M, V, G = v.pointer(moments[0]), v.pointer(moments[1]), v.pointer(moments[2])
    P, importance, keys = v.pointer(runs.P[r]), v.pointer(runs.importance[r]), v.pointer(words)
    gates = gates_of(law, runs.law[r])
    lr, decay, c = runs.lr[r], runs.decay[r], runs.scale[r, 0]
    size = runs.P.shape[1]
    power1, power2, next_loss, next_checkpoint = standing(job, schedule)
    by_bytes = wide.few(job, gates)
    for t in range(schedule.begin, schedule.end):
        with_loss = asks_loss(schedule, t, next_loss)
        wide.prepare(job, P, c, z)
        for first in range(0, job.batch // 4, 8):
            samples = wide.draw(job, gates, by_bytes, keys, t + 1, first, z)
            wide.tile(job, c, samples, importance, z, with_loss)
        loss_sum = wide.finish(job, c, z, G)
        power1, power2 = power1 * job.beta1, power2 * job.beta2
        rate = np.float32(lr * schedule.factor[t])
        adam.step(P, M, V, G, size, rate, decay, job.beta1, job.beta2, job.eps, power1, power2)
        if with_loss:
            runs.loss[r, next_loss] = loss_sum / job.batch
            next_loss += 1
        if asks_checkpoint(schedule, t, next_checkpoint):
            runs.checkpoints[r, next_checkpoint] = runs.P[r]
            next_checkpoint += 1


@numba.njit(nogil=True, cache=True)
def wide_gradient(job, P, x, c, importance, steady):
    """dL/dP [parameter] and loss of x [sample, feature], 32 k samples, in closed form for the
    features `steady` [feature]."""
    z, arrays = _wide_scratch(job, P)
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


@numba.njit(nogil=True, cache=True)
def wide_batch(job, law, t, training_set, key, step):
    """The samples that `wide_runs` draws for a step, x [sample, feature]."""
    z, arrays = _wide_scratch(job, np.zeros(1, np.float32))
    keys, gates = np.zeros(2 * ROUNDS, np.uint64), gates_of(law, t)
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
def controlled_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` with a control variate."""
    floats, starts = _floats(controlled.sizes(job), runs.P[0, :1])
    bent = np.zeros(job.n_features + 1, np.int64)
    moments = np.zeros((3, runs.P.shape[1]), np.float32)
    keys = np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        moments[:2], moments[2] = runs.moments[r], 0
        round_keys(runs.keys[r], keys)
        z = _controlled_scratch(v.pointer(bent), v.pointer(floats), starts)
        _controlled_run(job, law, schedule, runs, r, z, floats, starts, moments, keys)
        runs.moments[r] = moments[:2]


@numba.njit
def _controlled_scratch(bent, floats, at):
    return controlled.Scratch(
        bent, v.shift(floats, at[0]), v.shift(floats, at[1]), v.shift(floats, at[2]),
        v.shift(floats, at[3]), v.shift(floats, at[4]), v.shift(floats, at[5]),
        v.shift(floats, at[6]), v.shift(floats, at[7]), v.shift(floats, at[8]),
        v.shift(floats, at[9]), v.shift(floats, at[10]), v.shift(floats, at[11]),
        v.shift(floats, at[12]),
    )  # fmt: skip


@numba.njit
def _controlled_run(job, law, schedule, runs, r, z, floats, starts, moments, words):
    M, V, G = v.pointer(moments[0]), v.pointer(moments[1]), v.pointer(moments[2])
    P, importance, keys = v.pointer(runs.P[r]), v.pointer(runs.importance[r]), v.pointer(words)
    gates = gates_of(law, runs.law[r])
    lr, decay, c, p = runs.lr[r], runs.decay[r], runs.scale[r, 0], laws.density(gates, 0)
    size = runs.P.shape[1]
    power1, power2, next_loss, next_checkpoint = standing(job, schedule)
    for t in range(schedule.begin, schedule.end):
        floats[starts[12] :] = 0
        with_loss = asks_loss(schedule, t, next_loss)
        for i in range(job.n_features * (job.n_hidden + 1)):
            z.Q[i] = P[i]
        for tile in range(job.batch // fill.TILE):
            fill.features(job, gates, keys, t + 1, 8 * tile, z.X)
            controlled.tile(job, c, importance, z, with_loss)
        loss_sum = controlled.finish(job, p, importance, z, G)
        power1, power2 = power1 * job.beta1, power2 * job.beta2
        rate = np.float32(lr * schedule.factor[t])
        adam.step(P, M, V, G, size, rate, decay, job.beta1, job.beta2, job.eps, power1, power2)
        if with_loss:
            runs.loss[r, next_loss] = loss_sum / job.batch
            next_loss += 1
        if asks_checkpoint(schedule, t, next_checkpoint):
            runs.checkpoints[r, next_checkpoint] = runs.P[r]
            next_checkpoint += 1


@numba.njit(nogil=True, cache=True)
def controlled_gradient(job, P, x, c, p, importance):
    """dL/dP [parameter] with a control variate, and the loss, of x [sample, feature], 32 k samples."""
    n = job.n_features
    floats, starts = _floats(controlled.sizes(job), P)
    bent, G = np.zeros(n + 1, np.int64), np.zeros_like(P)
    z = _controlled_scratch(v.pointer(bent), v.pointer(floats), starts)
    for i in range(n * (job.n_hidden + 1)):
        z.Q[i] = P[i]
    for first in range(0, len(x), fill.TILE):
        for i in range(n):
            for lane in range(fill.TILE):
                z.X[i * fill.TILE + lane] = x[first + lane, i]
        controlled.tile(job, c, v.pointer(importance), z, True)
    loss_sum = controlled.finish(job, p, v.pointer(importance), z, v.pointer(G))
    return G, loss_sum / len(x), (floats, bent)


@numba.njit(nogil=True, cache=True)
def sparse_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` on active entries alone."""
    floats, starts = _floats(sparse.sizes(job), runs.P[0, :1])
    on = np.zeros(job.n_hidden, np.int64)
    moments = np.zeros((3, runs.P.shape[1]), np.float32)
    keys, entries = np.zeros(2 * ROUNDS, np.uint64), _entries(job)
    for r in members:
        moments[:2], moments[2] = runs.moments[r], 0
        floats[:] = 0
        round_keys(runs.keys[r], keys)
        z = _sparse_scratch(v.pointer(floats), v.pointer(starts), v.pointer(on))
        _sparse_run(job, law, schedule, runs, r, z, entries, moments, keys)
        runs.moments[r] = moments[:2]


@numba.njit
def _entries(job):
    """Arrays for the entries of a batch, with every entry active at most."""
    most = job.batch * job.n_features + 32
    return (
        np.zeros(job.batch + 1, np.int64), np.zeros(most, np.int64), np.zeros(most, np.float32),
        np.zeros(skips.BUFFER + most, np.uint32),
    )  # fmt: skip


@numba.njit
def _pointers(entries):
    return skips.Entries(
        v.pointer(entries[0]), v.pointer(entries[1]), v.pointer(entries[2]), v.pointer(entries[3])
    )


@numba.njit
def _sparse_scratch(floats, at, on):
    return sparse.Scratch(
        v.shift(floats, at[0]), v.shift(floats, at[1]), v.shift(floats, at[2]),
        v.shift(floats, at[3]), v.shift(floats, at[4]), v.shift(floats, at[5]),
        v.shift(floats, at[6]), v.shift(floats, at[7]), on, v.shift(floats, at[8]),
        v.shift(floats, at[9]), v.shift(floats, at[10]), v.shift(floats, at[11]),
        v.shift(floats, at[12]),
    )  # fmt: skip


@numba.njit
def _sparse_run(job, law, schedule, runs, r, z, arrays, moments, words):
    M, V, G = v.pointer(moments[0]), v.pointer(moments[1]), v.pointer(moments[2])
    P, keys, entries = v.pointer(runs.P[r]), v.pointer(words), _pointers(arrays)
    table = skips.table_of(law, runs.law[r])
    for j in range(job.n_features):
        z.scale[j] = runs.scale[r, j]
        z.importance[j] = runs.importance[r, j]
    lr, decay, size = runs.lr[r], runs.decay[r], runs.P.shape[1]
    power1, power2, next_loss, next_checkpoint = standing(job, schedule)
    for t in range(schedule.begin, schedule.end):
        with_loss = asks_loss(schedule, t, next_loss)
        found = skips.draw(job, table, keys, t + 1, entries)
        sparse.prepare(job, P, z)
        loss = sparse.batch(job, P, entries, found, z, with_loss)
        loss_sum = sparse.finish(job, P, z, np.float32(job.batch - found), loss, G)
        power1, power2 = power1 * job.beta1, power2 * job.beta2
        rate = np.float32(lr * schedule.factor[t])
        adam.step(P, M, V, G, size, rate, decay, job.beta1, job.beta2, job.eps, power1, power2)
        if with_loss:
            runs.loss[r, next_loss] = loss_sum / job.batch
            next_loss += 1
        if asks_checkpoint(schedule, t, next_checkpoint):
            runs.checkpoints[r, next_checkpoint] = runs.P[r]
            next_checkpoint += 1


@numba.njit(nogil=True, cache=True)
def sparse_batch(job, law, t, training_set, key, step):
    """The samples that `sparse_runs` draws for a step, x [sample, feature]."""
    keys, arrays = np.zeros(2 * ROUNDS, np.uint64), _entries(job)
    round_keys(key, keys)
    start, feature, value, _ = arrays
    found = skips.draw(job, skips.table_of(law, t), v.pointer(keys), step, _pointers(arrays))
    x = np.zeros((job.batch, job.n_features), np.float32)
    for s in range(found):
        for e in range(start[s], start[s + 1]):
            x[s, feature[e]] = value[e]
    return x, keys, arrays


@numba.njit(nogil=True, cache=True)
def sparse_gradient(job, P, x, scale, importance):
    """dL/dP [parameter] and loss of x [sample, feature], by its active entries."""
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
    floats, starts = _floats(sparse.sizes(job), P)
    on, G = np.zeros(job.n_hidden, np.int64), np.zeros_like(P)
    z = _sparse_scratch(v.pointer(floats), v.pointer(starts), v.pointer(on))
    for j in range(job.n_features):
        z.scale[j], z.importance[j] = scale[j], importance[j]
    sparse.prepare(job, v.pointer(P), z)
    arrays = start, feature, value, words
    loss = sparse.batch(job, v.pointer(P), _pointers(arrays), found, z, True)
    loss_sum = sparse.finish(job, v.pointer(P), z, len(x) - found, loss, v.pointer(G))
    return G, loss_sum / len(x), (arrays, floats, starts, on)


@numba.njit(nogil=True, cache=True)
def dense_batch(job, law, t, training_set, key, step):
    """The samples that `dense_runs` draws for a step, x [sample, feature], and empty ones."""
    keys, chosen = np.zeros(2 * ROUNDS, np.uint64), np.zeros(fill.TILE, np.uint32)
    round_keys(key, keys)
    X = np.zeros((job.n_features, fill.TILE), np.float32)
    rows = fill.Rows(v.pointer(training_set), len(training_set), v.pointer(chosen))
    samples = fill.filled_samples(job, law.filled[t], key, step)
    quarter = (samples + 3) // 4
    x = np.zeros((max(job.batch, samples), job.n_features), np.float32)
    for first in range(0, quarter, 8):
        fill.tile(
            job, gates_of(law, t), rows, key, v.pointer(keys), step, samples, first, v.pointer(X)
        )
        for g in range(4):
            for lane in range(min(8, quarter - first)):
                s = g * quarter + first + lane
                if s < samples:
                    x[s] = X[:, 8 * g + lane]
    # X and its like must outlive the pointers to them.
    return x, X, keys, chosen


@numba.njit(nogil=True, cache=True)
def dense_gradient(job, P, x, scale, importance):
    """dL/dP [parameter] and loss of x [sample, feature], by dense tiles."""
    n, m = job.n_features, job.n_hidden
    X, Y = np.zeros((2, n, fill.TILE), P.dtype)
    H, E = np.zeros((2, m * fill.TILE), P.dtype)
    zeros = np.zeros(max(n, m) * fill.TILE, P.dtype)
    sums, G = np.zeros(dense.sums_size(job), P.dtype), np.zeros_like(P)
    for first in range(0, len(x), fill.TILE):
        X[:] = 0
        for lane in range(min(fill.TILE, len(x) - first)):
            X[:, lane] = x[first + lane]
        dense.tile(
            job, v.pointer(P), v.pointer(X), v.pointer(scale), v.pointer(importance),
            v.pointer(zeros), v.pointer(Y), v.pointer(H), v.pointer(E), v.pointer(sums), True,
        )  # fmt: skip
    empty = len(x) - fill.TILE * ((len(x) + fill.TILE - 1) // fill.TILE)
    loss_sum = dense.finish(
        job, v.pointer(P), v.pointer(scale), v.pointer(importance), v.pointer(sums), empty,
        v.pointer(G),
    )  # fmt: skip
    return G, loss_sum / len(x), (X, Y, H, E, zeros, sums)
