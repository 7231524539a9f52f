"""Whole training loops, one a kind of gradient: draw, differentiate, step, record."""

from typing import Any, NamedTuple

import numba
import numpy as np

from superpos.kernels import (
    adam,
    controlled,
    counts,
    dense,
    fill,
    gram,
    laws,
    masked,
    masks,
    single,
    skips,
    wide,
)
from superpos.kernels import simd as v
from superpos.kernels.draw import round_keys
from superpos.philox import ROUNDS


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


class Learner(NamedTuple):
    """A run as pointers, which a step takes without counting references.

    P, M, V, G: parameters, Adam's moments, gradient [parameter]; lr, decay; factor [step]; the steps
    whose loss is kept, how many, and where it goes; the same for checkpoints.
    """

    P: Any
    M: Any
    V: Any
    G: Any
    size: int
    lr: float
    decay: float
    factor: Any
    loss_steps: Any
    losses: int
    loss: Any
    checkpoint_steps: Any
    checkpoints: int
    checkpoint: Any


@numba.njit
def learner(schedule, runs, r, G):
    """Run r as it stands, with a gradient's place G [parameter], cleared."""
    G[:] = 0
    moments = runs.moments[r]
    return Learner(
        v.pointer(runs.P[r]), v.pointer(moments[0]), v.pointer(moments[1]), v.pointer(G),
        runs.P.shape[1], runs.lr[r], runs.decay[r], v.pointer(schedule.factor),
        v.pointer(schedule.loss_steps), len(schedule.loss_steps), v.pointer(runs.loss[r]),
        v.pointer(schedule.checkpoint_steps), len(schedule.checkpoint_steps),
        v.pointer(runs.checkpoints[r]),
    )  # fmt: skip


@numba.njit
def standing(job, own, begin):
    """beta1^t, beta2^t, losses and checkpoints kept, after `begin` steps."""
    power1, power2, losses, checkpoints = 1.0, 1.0, 0, 0
    for t in range(begin):
        power1, power2 = power1 * job.beta1, power2 * job.beta2
        losses += losses < own.losses and own.loss_steps[losses] == t + 1
        checkpoints += _asks_checkpoint(own, t, checkpoints)
    return power1, power2, losses, checkpoints


@numba.njit(forceinline=True)
def _asks_checkpoint(own, t, kept):
    """Whether the weights after step t + 1 are kept."""
    return kept < own.checkpoints and own.checkpoint_steps[kept] == t + 1


@numba.njit(forceinline=True)
def asks_loss(own, t, progress):
    """Whether the loss of step t + 1 is kept."""
    kept = progress[2]
    return kept < own.losses and own.loss_steps[kept] == t + 1


@numba.njit(forceinline=True)
def finish_step(job, own, t, loss_sum, progress):
    """Step t + 1 of Adam along the gradient, and keep what is asked for; returns the progress."""
    power1, power2, losses, checkpoints = progress
    power1, power2 = power1 * job.beta1, power2 * job.beta2
    rate = np.float32(own.lr * own.factor[t])
    adam.step(
        own.P, own.M, own.V, own.G, own.size, rate, own.decay, job.beta1, job.beta2, job.eps,
        power1, power2,
    )  # fmt: skip
    if asks_loss(own, t, progress):
        own.loss[losses] = loss_sum / job.batch
        losses += 1
    if _asks_checkpoint(own, t, checkpoints):
        for i in range(own.size):
            own.checkpoint[checkpoints * own.size + i] = own.P[i]
        checkpoints += 1
    return power1, power2, losses, checkpoints


@numba.njit
def _floats(sizes, like):
    """One array for several, and where each starts."""
    starts = np.zeros(len(sizes) + 1, np.int64)
    for i in range(len(sizes)):
        starts[i + 1] = starts[i] + sizes[i]
    return np.zeros(starts[-1], like.dtype), starts


@numba.njit(nogil=True, cache=True)
def dense_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` on dense tiles, and apart where one feature is on alone."""
    tiles = np.zeros((3, max(job.n_features, job.n_hidden) * fill.TILE), np.float32)
    hidden = np.zeros((2, job.n_hidden * fill.TILE), np.float32)
    sums = np.zeros(dense.sums_size(job), np.float32)
    G = np.zeros(runs.P.shape[1], np.float32)
    floats, starts = _floats(single.sizes(job), runs.P[0, :1])
    z, words = single.scratch(v.pointer(floats), starts), _word_arrays(job)
    for r in members:
        round_keys(runs.keys[r], words[0])
        single.weigh(job, runs.scale[r], runs.importance[r], z)
        _dense_run(job, law, schedule, runs, training_set, r, tiles, hidden, sums, G, words, z)
    # What z points into must outlive it.
    return floats


class Words(NamedTuple):
    """Integer scratch as pointers: keys of the rounds, chosen rows, words of counts, counts [cell]."""

    keys: Any
    chosen: Any
    drawn: Any
    counts: Any


@numba.njit
def _word_arrays(job):
    """The arrays that Words point into."""
    return (
        np.zeros(2 * ROUNDS, np.uint64), np.zeros(fill.TILE, np.uint32),
        np.zeros(fill.TILE, np.uint32), np.zeros(1 + job.n_features, np.int64),
    )  # fmt: skip


@numba.njit
def _words(a):
    return Words(v.pointer(a[0]), v.pointer(a[1]), v.pointer(a[2]), v.pointer(a[3]))


@numba.njit(forceinline=True)
def _count(job, cells, step, w):
    """Draw the counts of a step's samples; returns those that go through the gates, and the tiles
    that they fill."""
    samples = job.batch
    if cells.number > 0:
        counts.draw(job.batch, cells, w.keys, step, w.drawn, w.counts)
        samples = w.counts[0]
    return samples, ((samples + 3) // 4 + 7) // 8


@numba.njit
def _dense_run(job, law, schedule, runs, training_set, r, tiles, hidden, sums, G, words, z):
    X, Y, zeros = v.pointer(tiles[0]), v.pointer(tiles[1]), v.pointer(tiles[2])
    H, E = v.pointer(hidden[0]), v.pointer(hidden[1])
    own = learner(schedule, runs, r, G)
    scale, importance = v.pointer(runs.scale[r]), v.pointer(runs.importance[r])
    S, key, w = v.pointer(sums), runs.keys[r], _words(words)
    gates, cells = laws.gates_of(law, runs.law[r]), laws.cells_of(law, runs.law[r])
    rows = fill.Rows(v.pointer(training_set), len(training_set), w.chosen)
    split, alone = cells.number > 1, v.shift(w.counts, 1)
    progress = standing(job, own, schedule.begin)
    for t in range(schedule.begin, schedule.end):
        sums[:] = 0
        with_loss = asks_loss(own, t, progress)
        samples, count = _count(job, cells, t + 1, w)
        for tile in range(count):
            fill.tile(job, gates, rows, key, w.keys, t + 1, samples, 8 * tile, X)
            dense.tile(job, own.P, X, scale, importance, zeros, Y, H, E, S, with_loss)
        empty = job.batch - count * fill.TILE
        if split:
            empty -= single.draw(job, alone, w.keys, t + 1, z)
        loss_sum = dense.finish(job, own.P, scale, importance, S, np.float32(empty), own.G)
        if split:
            loss_sum += single.add(job, own.P, alone, z, with_loss, own.G)
        progress = finish_step(job, own, t, loss_sum, progress)


@numba.njit(nogil=True, cache=True)
def wide_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` of a wide model with equal importances."""
    z, arrays = _wide_scratch(job, runs.P[0, :1])
    carried = arrays[0][len(arrays[0]) - wide.carried_size(job) :]
    G = np.zeros(runs.P.shape[1], np.float32)
    keys = np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        arrays[0][:] = 0
        carried[:] = runs.carried[r]
        round_keys(runs.keys[r], keys)
        _wide_run(job, law, schedule, runs, r, z, G, keys)
        runs.carried[r] = carried
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
def _wide_run(job, law, schedule, runs, r, z, G, words):
    own, gates = learner(schedule, runs, r, G), laws.gates_of(law, runs.law[r])
    importance, keys = v.pointer(runs.importance[r]), v.pointer(words)
    c = runs.scale[r, 0]
    progress = standing(job, own, schedule.begin)
    by_bytes = wide.few(job, gates)
    for t in range(schedule.begin, schedule.end):
        with_loss = asks_loss(own, t, progress)
        wide.prepare(job, own.P, c, z)
        for first in range(0, job.batch // 4, 8):
            samples = wide.draw(job, gates, by_bytes, keys, t + 1, first, z)
            wide.tile(job, c, samples, importance, z, with_loss)
        loss_sum = wide.finish(job, c, z, own.G)
        progress = finish_step(job, own, t, loss_sum, progress)


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
def controlled_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` with a control variate."""
    floats, starts = _floats(controlled.sizes(job), runs.P[0, :1])
    bent = np.zeros(job.n_features + 1, np.int64)
    G = np.zeros(runs.P.shape[1], np.float32)
    keys = np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        round_keys(runs.keys[r], keys)
        z = _controlled_scratch(v.pointer(bent), v.pointer(floats), starts)
        _controlled_run(job, law, schedule, runs, r, z, floats, starts, G, keys)


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
def _controlled_run(job, law, schedule, runs, r, z, floats, starts, G, words):
    own, gates = learner(schedule, runs, r, G), laws.gates_of(law, runs.law[r])
    importance, keys = v.pointer(runs.importance[r]), v.pointer(words)
    c, p = runs.scale[r, 0], laws.density(gates, 0)
    progress = standing(job, own, schedule.begin)
    for t in range(schedule.begin, schedule.end):
        floats[starts[12] :] = 0
        with_loss = asks_loss(own, t, progress)
        for i in range(job.n_features * (job.n_hidden + 1)):
            z.Q[i] = own.P[i]
        for tile in range(job.batch // fill.TILE):
            fill.features(job, gates, keys, t + 1, 8 * tile, z.X)
            controlled.tile(job, c, importance, z, with_loss)
        loss_sum = controlled.finish(job, p, importance, z, own.G)
        progress = finish_step(job, own, t, loss_sum, progress)


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


def masked_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` of a wide model with a hidden ReLU, compiled for its row of units."""
    row = masks.row_of(job.n_hidden)
    return _masked_runs(row, job, law, schedule, runs, training_set, members)


@numba.njit(nogil=True, cache=True)
def _masked_runs(row, job, law, schedule, runs, training_set, members):
    z, arrays = _masked_scratch(job, row, runs.P[0, :1])
    G, words = np.zeros(runs.P.shape[1], np.float32), _word_arrays(job)
    for r in members:
        round_keys(runs.keys[r], words[0])
        _masked_run(job, row, law, schedule, runs, training_set, r, z, G, words)
    # What z points into must outlive it.
    return arrays


@numba.njit
def _masked_scratch(job, row, like):
    bits, by = _floats(masked.mask_sizes(job), np.zeros(1, np.uint64))
    floats, at = _floats(masked.sizes(job, row), like)
    return masked.scratch(v.pointer(bits), by, v.pointer(floats), at), (bits, floats)


@numba.njit
def _masked_run(job, row, law, schedule, runs, training_set, r, z, G, words):
    own, key, w = learner(schedule, runs, r, G), runs.keys[r], _words(words)
    scale, importance = v.pointer(runs.scale[r]), v.pointer(runs.importance[r])
    gates, cells = laws.gates_of(law, runs.law[r]), laws.cells_of(law, runs.law[r])
    rows = fill.Rows(v.pointer(training_set), len(training_set), w.chosen)
    progress = standing(job, own, schedule.begin)
    for t in range(schedule.begin, schedule.end):
        with_loss = asks_loss(own, t, progress)
        samples, count = _count(job, cells, t + 1, w)
        masked.prepare(job, row, own.P, z)
        for tile in range(count):
            fill.tile(job, gates, rows, key, w.keys, t + 1, samples, 8 * tile, z.X)
            masked.tile(job, row, own.P, scale, importance, z, with_loss)
        empty = np.float32(job.batch - count * fill.TILE)
        loss_sum = masked.finish(job, row, own.P, scale, importance, z, empty, own.G)
        progress = finish_step(job, own, t, loss_sum, progress)


def masked_gradient(job, P, x, scale, importance):
    """dL/dP [parameter] and loss of x [sample, feature], by what is not 0."""
    row = masks.row_of(job.n_hidden, P.dtype)
    return _masked_gradient(row, job, P, x, scale, importance)


@numba.njit(nogil=True, cache=True)
def _masked_gradient(row, job, P, x, scale, importance):
    z, arrays = _masked_scratch(job, row, P)
    G, tiles = np.zeros_like(P), (len(x) + fill.TILE - 1) // fill.TILE
    weights, of_loss = v.pointer(scale), v.pointer(importance)
    masked.prepare(job, row, v.pointer(P), z)
    for tile in range(tiles):
        _put(job, x, tile, z.X)
        masked.tile(job, row, v.pointer(P), weights, of_loss, z, True)
    empty = len(x) - fill.TILE * tiles
    loss_sum = masked.finish(job, row, v.pointer(P), weights, of_loss, z, empty, v.pointer(G))
    return G, loss_sum / len(x), arrays


def gram_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` of a sparse tied model, compiled for its rows of features and units."""
    rows = masks.row_of(job.n_features), masks.row_of(job.n_hidden)
    return _gram_runs(*rows, job, law, schedule, runs, training_set, members)


@numba.njit(nogil=True, cache=True)
def _gram_runs(row, hidden_row, job, law, schedule, runs, training_set, members):
    floats, starts = _floats(gram.sizes(job, row, hidden_row), runs.P[0, :1])
    z, entries = gram.scratch(v.pointer(floats), starts), _entries(job)
    G, keys = np.zeros(runs.P.shape[1], np.float32), np.zeros(2 * ROUNDS, np.uint64)
    for r in members:
        round_keys(runs.keys[r], keys)
        gram.weigh(job, runs.scale[r], runs.importance[r], z)
        _gram_run(job, row, hidden_row, law, schedule, runs, r, z, entries, G, keys)
    # What z points into must outlive it.
    return floats


@numba.njit
def _gram_run(job, row, hidden_row, law, schedule, runs, r, z, arrays, G, words):
    own, keys = learner(schedule, runs, r, G), v.pointer(words)
    table, entries = skips.table_of(law, runs.law[r]), _pointers(arrays)
    progress = standing(job, own, schedule.begin)
    for t in range(schedule.begin, schedule.end):
        with_loss = asks_loss(own, t, progress)
        found = skips.draw(job, table, keys, t + 1, entries)
        gram.prepare(job, row, hidden_row, own.P, z)
        loss = gram.batch(job, row, entries, found, z, with_loss)
        empty = np.float32(job.batch - found)
        loss_sum = gram.finish(job, row, hidden_row, z, empty, loss, own.G)
        progress = finish_step(job, own, t, loss_sum, progress)


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


@numba.njit(nogil=True, cache=True)
def gram_batch(job, law, t, training_set, key, step):
    """The samples that `gram_runs` draws for a step, x [sample, feature]."""
    keys, arrays = np.zeros(2 * ROUNDS, np.uint64), _entries(job)
    round_keys(key, keys)
    start, feature, value, _ = arrays
    found = skips.draw(job, skips.table_of(law, t), v.pointer(keys), step, _pointers(arrays))
    x = np.zeros((job.batch, job.n_features), np.float32)
    for s in range(found):
        for e in range(start[s], start[s + 1]):
            x[s, feature[e]] = value[e]
    return x, keys, arrays


def gram_gradient(job, P, x, scale, importance):
    """dL/dP [parameter] and loss of x [sample, feature], through W W^T."""
    rows = masks.row_of(job.n_features, P.dtype), masks.row_of(job.n_hidden, P.dtype)
    return _gram_gradient(*rows, job, P, x, scale, importance)


@numba.njit(nogil=True, cache=True)
def _gram_gradient(row, hidden_row, job, P, x, scale, importance):
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
    floats, starts = _floats(gram.sizes(job, row, hidden_row), P)
    z, G, arrays = (
        gram.scratch(v.pointer(floats), starts),
        np.zeros_like(P),
        (start, feature, value, words),
    )
    gram.weigh(job, scale, importance, z)
    gram.prepare(job, row, hidden_row, v.pointer(P), z)
    loss = gram.batch(job, row, _pointers(arrays), found, z, True)
    loss_sum = gram.finish(job, row, hidden_row, z, len(x) - found, loss, v.pointer(G))
    return G, loss_sum / len(x), (arrays, floats)


@numba.njit
def _put(job, x, tile, X):
    """The tile's samples of x [sample, feature] into X [feature, 32], and zeros after the last."""
    for i in range(job.n_features):
        for lane in range(fill.TILE):
            s = tile * fill.TILE + lane
            X[i * fill.TILE + lane] = x[s, i] if s < len(x) else x[0, 0] - x[0, 0]


@numba.njit(nogil=True, cache=True)
def dense_batch(job, law, t, training_set, key, step):
    """The samples that `dense_runs` draws for a step, x [sample, feature], and empty ones."""
    words, X = _word_arrays(job), np.zeros((job.n_features, fill.TILE), np.float32)
    round_keys(key, words[0])
    w, gates, cells = _words(words), laws.gates_of(law, t), laws.cells_of(law, t)
    rows = fill.Rows(v.pointer(training_set), len(training_set), w.chosen)
    samples, tiles = _count(job, cells, step, w)
    quarter = (samples + 3) // 4
    x = np.zeros((max(job.batch, samples), job.n_features), np.float32)
    for first in range(0, 8 * tiles, 8):
        fill.tile(job, gates, rows, key, w.keys, step, samples, first, v.pointer(X))
        for g in range(4):
            for lane in range(min(8, quarter - first)):
                s = g * quarter + first + lane
                if s < samples:
                    x[s] = X[:, 8 * g + lane]
    floats, starts = _floats(single.sizes(job), x[0, :1])
    if cells.number > 1:
        z = single.scratch(v.pointer(floats), starts)
        single.draw(job, v.shift(w.counts, 1), w.keys, step, z)
        at = 0
        for i in range(job.n_features):
            count = words[3][1 + i]
            x[samples : samples + count, i] = floats[at : at + count]
            samples += count
            at += (count + 7) // 8 * 8
    # X and its like must outlive the pointers to them.
    return x, X, words, floats


@numba.njit(nogil=True, cache=True)
def single_gradient(job, P, values, counts, scale, importance):
    """dL/dP [parameter] and loss of samples with one feature on: values [sample], feature by
    feature, each feature's padded by 0 to a multiple of eight; counts [feature]."""
    floats, starts = _floats(single.sizes(job), P)
    z, G = single.scratch(v.pointer(floats), starts), np.zeros_like(P)
    floats[: len(values)] = values
    single.weigh(job, scale, importance, z)
    loss_sum = single.add(job, v.pointer(P), v.pointer(counts), z, True, v.pointer(G))
    return G, loss_sum / job.batch, floats


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
