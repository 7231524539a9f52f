"""The training loop over a whole sparse training set, of tied models with a ReLU at the output."""

import numpy as np
from numba import extending

from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part
from superpos.training.kernels import run, whole_set, whole_set_scratch

CLEARED_EVERY = 64
"""After how many steps Adam's averages below TINY are cleared."""
TINY = np.float32(2.0**-100)


def train(job, table, schedule, runs, training_set, members):
    """Train the runs `members` on sparse samples, compiled for the number of hidden units."""
    entries = whole_set.arranged(job, training_set)
    return _train(whole_set_scratch.shape_of(job), job, schedule, runs, entries, members)


def batch(job, table, t, training_set, key, step):
    """The samples x [sample, feature] of every step."""
    return (training_set.dense(job.n_features),)


@numba.njit(nogil=True, cache=True)
def _train(shape, job, schedule, runs, entries, members):
    z, arrays = scratch(shape, job, runs.P[0, :1])
    e, G = pointers(entries), np.zeros(runs.P.shape[1], np.float32)
    for r in members:
        train_run(shape, job, schedule, runs, r, G, e, (), z)
    # The arrays must outlive the pointers in z.
    return arrays


def renew(shape, job, source, step, entries):
    """Copy the samples of a step from `source` to `entries`; an empty source leaves them unchanged."""
    raise NotImplementedError("for compiled code only")


@extending.overload(renew)
def _leave(shape, job, source, step, entries):
    """Do nothing, because every step uses the whole set. Loops that draw samples overload `renew`."""
    if len(source) == 0:
        return lambda shape, job, source, step, entries: None
    return None


@part
def scratch(shape, job, like):
    floats, at = run.floats_of(whole_set_scratch.sizes(job, shape), like)
    entry = np.zeros(whole_set_scratch.TILE, np.int64)
    return whole_set_scratch.scratch(v.pointer(floats), at, v.pointer(entry)), (floats, entry)


@part
def pointers(entries):
    return whole_set.GroupedEntries(
        v.pointer(entries.start), v.pointer(entries.row), v.pointer(entries.feature),
        v.pointer(entries.value),
    )  # fmt: skip


@part
def train_run(shape, job, schedule, runs, r, G, entries, source, z):
    """Train run r on `entries`, which are renewed from `source` before each step."""
    for j in range(job.n_features):
        z.root[j] = np.sqrt(runs.importance[r, j])
    own = run.learner(schedule, runs, r, G)
    _turn(job, runs, r, 0, 0, True)
    begin = progress = run.progress_after(job, own, schedule.begin)
    for t in range(schedule.begin, schedule.end):
        with_loss = run.records_loss(own, t, progress)
        renew(shape, job, source, t + 1, entries)
        loss_sum = whole_set.add_all(shape, job, own.P, entries, job.batch, z, own.G, with_loss)
        progress = run.finish_step(job, own, t, loss_sum, progress)
        if t % CLEARED_EVERY == 0:
            _clear_tiny(own)
    _turn(job, runs, r, begin[3], progress[3], False)


@part
def _clear_tiny(own):
    """Set averages of Adam to 0 once they are tiny.

    Many features have no gradient late in training. Their averages would shrink to denormal numbers, for
    which a CPU takes a hundred times as long, although they no longer change any weight.
    """
    for i in range(own.size):
        if abs(own.M[i]) < TINY:
            own.M[i] = 0
            if own.V[i] < TINY:
                own.V[i] = 0


@part
def _turn(job, runs, r, begin, end, forward):
    """Transpose W in the state of run r, and in its checkpoints from `begin` to `end`.

    It is [feature, hidden] outside of this loop, and [hidden, feature] in it (`forward`).
    """
    _transpose(job, runs.P[r], forward)
    for i in range(2):
        _transpose(job, runs.moments[r, i], forward)
    for i in range(begin, end):
        _transpose(job, runs.checkpoints[r, i], forward)


@part
def _transpose(job, P, forward):
    n, m = job.n_features, job.n_hidden
    a, b = (n, m) if forward else (m, n)
    P[: n * m] = P[: n * m].copy().reshape(a, b).T.copy().ravel()


def gradient(job, P, training_set, importance):
    """dL/dP [parameter] and the loss of a whole sparse training set."""
    entries = whole_set.arranged(job, training_set)
    return _gradient(whole_set_scratch.shape_of(job, P.dtype), job, P, entries, importance)


@numba.njit(nogil=True, cache=True)
def _gradient(shape, job, P, entries, importance):
    z, arrays = scratch(shape, job, P)
    G, Q = np.zeros_like(P), P.copy()
    for j in range(job.n_features):
        z.root[j] = np.sqrt(importance[j])
    _transpose(job, Q, True)
    loss_sum = whole_set.add_all(
        shape, job, v.pointer(Q), pointers(entries), job.batch, z, v.pointer(G), True
    )
    _transpose(job, G, False)
    return G, loss_sum / job.batch, arrays, Q
