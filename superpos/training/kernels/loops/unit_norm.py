"""The training loop over fresh samples of unit norm, of tied models with a ReLU at the output.

Each step draws a small sparse set and then does what the `whole_set` loop does with its set.
"""

import numpy as np
from numba import extending

from superpos.numerics import simd as v
from superpos.numerics.compiled import numba, part
from superpos.numerics.philox import ROUNDS
from superpos.training.kernels import skips, unit_norm, whole_set
from superpos.training.kernels.loops.whole_set import pointers, renew, scratch, train_run
from superpos.training.kernels.philox_lanes import round_keys
from superpos.training.kernels.whole_set_scratch import shape_of


def train(job, table, schedule, runs, training_set, members):
    """Train the runs `members` on fresh samples, compiled for the number of hidden units."""
    _train(shape_of(job), job, table, schedule, runs, members)


def batch(job, table, t, training_set, key, step):
    """The samples x [sample, feature] that `train` draws for a step."""
    return _batch(shape_of(job), job, table, t, key, step)


@numba.njit(nogil=True, cache=True)
def _train(shape, job, table, schedule, runs, members):
    z, arrays = scratch(shape, job, runs.P[0, :1])
    drawn, entries = _drawn(job), _entries(job)
    G, keys = np.zeros(runs.P.shape[1], np.float32), np.zeros(2 * ROUNDS, np.uint64)
    e = pointers(entries)
    for r in members:
        round_keys(runs.keys[r], keys)
        law = skips.skips_of(table, runs.table_row[r])
        source = law, v.pointer(keys), skips.pointers(drawn)
        train_run(shape, job, schedule, runs, r, G, e, source, z)
    # The arrays must outlive the pointers.
    return arrays, drawn, entries, keys


@extending.overload(renew)
def _draw(shape, job, source, step, entries):
    """Draw fresh samples; `source` consists of the law, the keys and a work space."""
    if len(source) == 3:

        def draw(shape, job, source, step, entries):
            unit_norm.draw(shape, job, source, step, entries)

        return draw
    return None


@part
def _most(job):
    """The number of entries of a batch if all are active; only pages that are written take up memory."""
    return job.batch * job.n_features + 32


@part
def _drawn(job):
    most = _most(job)
    return (
        np.empty(job.batch + 1, np.int64), np.empty(most, np.int64), np.empty(most, np.float32),
        np.empty(skips.BUFFER + 32, np.uint32),
    )  # fmt: skip


@part
def _entries(job):
    most = _most(job)
    return whole_set.GroupedEntries(
        np.empty(job.batch + 1, np.int64), np.empty(most, np.uint8), np.empty(most, np.uint16),
        np.empty(most, np.float32),
    )  # fmt: skip


@numba.njit(nogil=True, cache=True)
def _batch(shape, job, table, t, key, step):
    drawn, entries, keys = _drawn(job), _entries(job), np.zeros(2 * ROUNDS, np.uint64)
    round_keys(key, keys)
    source = skips.skips_of(table, t), v.pointer(keys), skips.pointers(drawn)
    unit_norm.draw(shape, job, source, step, pointers(entries))
    start, feature, value, _ = drawn
    x = np.zeros((job.batch, job.n_features), np.float32)
    for s in range(job.batch):
        for e in range(start[s], start[s + 1]):
            x[s, feature[e]] = value[e]
    return x, keys, drawn, entries
