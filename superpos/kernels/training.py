"""Whole training loops, one a kind of gradient: draw, differentiate, step, record."""

from typing import NamedTuple

import numba
import numpy as np

from superpos.kernels import adam, dense, fill
from superpos.kernels import simd as v
from superpos.kernels.draw import ROUNDS, round_keys
from superpos.kernels.laws import gates_of


class Runs(NamedTuple):
    """What differs between runs, and where what they learn is put.

    Arrays [run]: keys, law (a row of the laws' tables), lr, decay; scale, importance [run, feature];
    P [run, parameter], holding the initial weights; loss [run, record];
    checkpoints [run, checkpoint, parameter].
    """

    keys: np.ndarray
    law: np.ndarray
    lr: np.ndarray
    decay: np.ndarray
    scale: np.ndarray
    importance: np.ndarray
    P: np.ndarray
    loss: np.ndarray
    checkpoints: np.ndarray


class Schedule(NamedTuple):
    """Learning-rate factor of every step [step], and the steps at which something is kept."""

    factor: np.ndarray
    loss_steps: np.ndarray
    checkpoint_steps: np.ndarray


@numba.njit
def asks_loss(schedule, t, next_loss):
    """Whether the loss of step t + 1 is kept."""
    return next_loss < len(schedule.loss_steps) and schedule.loss_steps[next_loss] == t + 1


@numba.njit
def asks_checkpoint(schedule, t, next_checkpoint):
    """Whether the weights after step t + 1 are kept."""
    at = schedule.checkpoint_steps
    return next_checkpoint < len(at) and at[next_checkpoint] == t + 1


@numba.njit(nogil=True, cache=True)
def dense_runs(job, law, schedule, runs, training_set, members):
    """Train the runs `members` on dense tiles."""
    tiles = np.zeros((2, job.n_features * fill.TILE), np.float32)
    hidden = np.zeros((2, job.n_hidden * fill.TILE), np.float32)
    sums = np.zeros(dense.sums_size(job), np.float32)
    moments = np.zeros((3, runs.P.shape[1]), np.float32)
    words = np.zeros(2 * ROUNDS, np.uint64), np.zeros(fill.TILE, np.uint32)
    for r in members:
        moments[:] = 0
        round_keys(runs.keys[r], words[0])
        _dense_run(
            job, law, schedule, runs, training_set, r, tiles, hidden, sums, moments, words
        )


@numba.njit
def _dense_run(job, law, schedule, runs, training_set, r, tiles, hidden, sums, moments, words):
    X, Y, H, E = v.pointer(tiles[0]), v.pointer(tiles[1]), v.pointer(hidden[0]), v.pointer(hidden[1])
    M, V, G = v.pointer(moments[0]), v.pointer(moments[1]), v.pointer(moments[2])
    P, scale, importance = v.pointer(runs.P[r]), v.pointer(runs.scale[r]), v.pointer(runs.importance[r])
    S, key, keys = v.pointer(sums), runs.keys[r], v.pointer(words[0])
    gates, filled = gates_of(law, runs.law[r]), law.filled[runs.law[r]]
    rows = fill.Rows(v.pointer(training_set), len(training_set), v.pointer(words[1]))
    lr, decay = runs.lr[r], runs.decay[r]
    size = runs.P.shape[1]
    power1, power2 = 1.0, 1.0
    next_loss, next_checkpoint = 0, 0
    for t in range(job.steps):
        sums[:] = 0
        with_loss = asks_loss(schedule, t, next_loss)
        samples = fill.filled_samples(job, filled, key, t + 1)
        count = ((samples + 3) // 4 + 7) // 8
        for tile in range(count):
            fill.tile(job, gates, rows, key, keys, t + 1, samples, 8 * tile, X)
            dense.tile(job, P, X, scale, importance, Y, H, E, S, with_loss)
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


@numba.njit(nogil=True, cache=True)
def dense_batch(job, law, t, training_set, key, step):
    """The samples that `dense_runs` draws for a step, x [sample, feature]; the rest of the batch is 0."""
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
    """dL/dP [parameter] and the loss of a given minibatch x [sample, feature], by the dense tiles."""
    n, m = job.n_features, job.n_hidden
    X, Y = np.zeros((2, n, fill.TILE), P.dtype)
    H, E = np.zeros((2, m * fill.TILE), P.dtype)
    sums, G = np.zeros(dense.sums_size(job), P.dtype), np.zeros_like(P)
    for first in range(0, len(x), fill.TILE):
        X[:] = 0
        for lane in range(min(fill.TILE, len(x) - first)):
            X[:, lane] = x[first + lane]
        dense.tile(
            job, v.pointer(P), v.pointer(X), v.pointer(scale), v.pointer(importance),
            v.pointer(Y), v.pointer(H), v.pointer(E), v.pointer(sums), True,
        )  # fmt: skip
    empty = len(x) - fill.TILE * ((len(x) + fill.TILE - 1) // fill.TILE)
    loss_sum = dense.finish(
        job, v.pointer(P), v.pointer(scale), v.pointer(importance), v.pointer(sums), empty,
        v.pointer(G),
    )  # fmt: skip
    return G, loss_sum / len(x), (X, Y, H, E, sums)
