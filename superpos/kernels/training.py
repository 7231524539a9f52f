"""Whole training loops, one a kind of gradient: draw, differentiate, step, record."""

from typing import NamedTuple

import numba
import numpy as np

from superpos.kernels import adam, dense, fill
from superpos.kernels.laws import Law


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


@numba.njit(inline="always")
def one_law(laws, t):
    """Row t of a table of laws."""
    return Law(
        laws.limit[t], laws.scale[t], laws.first_limit[t], laws.first_scale[t], laws.filled[t]
    )


@numba.njit
def record(job, schedule, runs, r, t, loss_sum, next_loss, next_checkpoint):
    """Keep the loss of step t + 1 and the weights after it, if they are asked for."""
    if next_loss < len(schedule.loss_steps) and schedule.loss_steps[next_loss] == t + 1:
        runs.loss[r, next_loss] = loss_sum / job.batch
        next_loss += 1
    at = schedule.checkpoint_steps
    if next_checkpoint < len(at) and at[next_checkpoint] == t + 1:
        runs.checkpoints[r, next_checkpoint] = runs.P[r]
        next_checkpoint += 1
    return next_loss, next_checkpoint


@numba.njit
def asks_loss(schedule, t, next_loss):
    """Whether the loss of step t + 1 is kept."""
    return next_loss < len(schedule.loss_steps) and schedule.loss_steps[next_loss] == t + 1


@numba.njit(nogil=True, cache=True)
def dense_runs(job, laws, schedule, runs, training_set, members):
    """Train the runs `members` on dense tiles."""
    sizes = dense.workspace(job)
    work, sums = np.zeros(sizes[0], np.float32), np.zeros(sizes[1], np.float32)
    X = np.zeros(job.n_features * fill.TILE, np.float32)
    M, V, G = np.zeros((3, runs.P.shape[1]), np.float32)
    for r in members:
        law, P = one_law(laws, runs.law[r]), runs.P[r]
        scale, importance = runs.scale[r], runs.importance[r]
        M[:], V[:] = 0, 0
        power1, power2 = 1.0, 1.0
        next_loss, next_checkpoint = 0, 0
        for t in range(job.steps):
            sums[:] = 0
            with_loss = asks_loss(schedule, t, next_loss)
            samples = fill.filled_samples(job, law, runs.keys[r], t + 1)
            tiles = ((samples + 3) // 4 + 7) // 8
            for tile in range(tiles):
                fill.tile(job, law, training_set, runs.keys[r], t + 1, samples, 8 * tile, X)
                dense.tile(job, P, X, scale, importance, work, sums, with_loss)
            empty = job.batch - tiles * fill.TILE
            loss_sum = dense.finish(job, P, scale, importance, sums, np.float32(empty), G)
            power1, power2 = power1 * job.beta1, power2 * job.beta2
            rate = np.float32(runs.lr[r] * schedule.factor[t])
            adam.step(
                P, M, V, G, rate, runs.decay[r], job.beta1, job.beta2, job.eps, power1, power2
            )
            next_loss, next_checkpoint = record(
                job, schedule, runs, r, t, loss_sum, next_loss, next_checkpoint
            )
