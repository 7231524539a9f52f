"""A run within a training loop: its state, the end of a step, and what is recorded."""

from typing import Any, NamedTuple

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.divergence import LARGEST
from superpos.training.kernels import adam


class Runs(NamedTuple):
    """What differs between runs, and the arrays that training writes to.

    keys, table_row (a row in the plan's table of laws), lr, decay [run]; scale (2 I / batch),
    importance [run, feature]; P [run, parameter]: the parameters after step `begin`; moments [run, 2,
    parameter]: Adam's M and V; carried [run, word]: what a step of the wide kernel passes on to the next;
    loss [run, record]; checkpoints [run, checkpoint, parameter].
    """

    keys: np.ndarray
    table_row: np.ndarray
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
    """The learning-rate factor of every step [step], and the steps at which something is recorded.

    Training makes the steps `begin` + 1 to `end`.
    """

    factor: np.ndarray
    loss_steps: np.ndarray
    checkpoint_steps: np.ndarray
    begin: int
    end: int


class Learner(NamedTuple):
    """A run as pointers, which are passed without counting references.

    P, M, V, G [parameter]: parameters, Adam's moments, gradient; size: their length; factor [step];
    loss_steps: the steps whose loss is recorded, `losses`: their number, loss: where it is written;
    the same for checkpoints.
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


@part
def learner(schedule, runs, r, G):
    """Run r as pointers; G [parameter] will hold its gradients, and is cleared."""
    G[:] = 0
    moments = runs.moments[r]
    return Learner(
        v.pointer(runs.P[r]), v.pointer(moments[0]), v.pointer(moments[1]), v.pointer(G),
        runs.P.shape[1], runs.lr[r], runs.decay[r], v.pointer(schedule.factor),
        v.pointer(schedule.loss_steps), len(schedule.loss_steps), v.pointer(runs.loss[r]),
        v.pointer(schedule.checkpoint_steps), len(schedule.checkpoint_steps),
        v.pointer(runs.checkpoints[r]),
    )  # fmt: skip


@part
def weigh(job, scale, importance, z):
    """Copy a run's 2 I / batch and I [feature] to the work space z, leaving the padding at 0."""
    for j in range(job.n_features):
        z.scale[j], z.importance[j] = scale[j], importance[j]


@part
def progress_after(job, own, begin):
    """beta1^t, beta2^t, and the numbers of losses and checkpoints recorded, after `begin` steps.

    The powers are products in the order of the steps, so that a resumed run has the same bits.
    """
    power1, power2, losses, checkpoints = 1.0, 1.0, 0, 0
    for t in range(begin):
        power1, power2 = power1 * job.beta1, power2 * job.beta2
        losses += losses < own.losses and own.loss_steps[losses] == t + 1
        checkpoints += _records_checkpoint(own, t, checkpoints)
    return power1, power2, losses, checkpoints


@part(forceinline=True)
def _records_checkpoint(own, t, kept):
    """Whether the weights after step t + 1 are recorded."""
    return kept < own.checkpoints and own.checkpoint_steps[kept] == t + 1


@part(forceinline=True)
def records_loss(own, t, progress):
    """Whether the loss of step t + 1 is recorded."""
    kept = progress[2]
    return kept < own.losses and own.loss_steps[kept] == t + 1


@part
def _has_not_diverged(job, P):
    """Whether a run has not diverged. The loss alone would not show it, because a ReLU drops NaN."""
    for i in range((1 if job.tied else 2) * job.n_features * job.n_hidden + job.n_features):
        if not abs(P[i]) <= LARGEST:
            return False
    return True


@part(forceinline=True)
def finish_step(job, own, t, loss_sum, progress):
    """Perform step t + 1 with the gradient, record losses and weights if due, and return the progress."""
    power1, power2, losses, checkpoints = progress
    if records_loss(own, t, progress):
        own.loss[losses] = loss_sum / job.batch if _has_not_diverged(job, own.P) else np.nan
        losses += 1
    power1, power2 = power1 * job.beta1, power2 * job.beta2
    rate = np.float32(own.lr * own.factor[t])
    adam.step(
        own.P, own.M, own.V, own.G, own.size, rate, own.decay, job.beta1, job.beta2, job.eps,
        power1, power2,
    )  # fmt: skip
    if _records_checkpoint(own, t, checkpoints):
        for i in range(own.size):
            own.checkpoint[checkpoints * own.size + i] = own.P[i]
        checkpoints += 1
    return power1, power2, losses, checkpoints


@part
def floats_of(sizes, like):
    """Allocate one array that holds several, and return it with the index at which each starts.

    Each starts at a multiple of 64 bytes, so that no wide vector crosses a cache line.
    """
    line = 64 // like.itemsize
    starts = np.zeros(len(sizes) + 1, np.int64)
    for i in range(len(sizes)):
        starts[i + 1] = starts[i] + (sizes[i] + line - 1) // line * line
    out = np.zeros(starts[-1] + line, like.dtype)
    return out[(-out.ctypes.data) % 64 // like.itemsize :], starts
