"""Draw fresh samples of unit norm, in the groups for which `whole_set` computes outputs together.

A batch is drawn as `skips.draw_filled` does, so no sample is empty, and each is divided by its norm.
"""

import numpy as np

from superpos.numerics.compiled import part
from superpos.training.kernels import skips
from superpos.training.kernels.whole_set_scratch import BLOCK, TILE


@part
def draw(shape, job, source, step, entries):
    """Draw the samples of a step, and arrange them as `entries`; source: the law, the keys and scratch."""
    law, keys, batch = source
    skips.draw_filled(job, law, keys, step, batch)
    for s in range(job.batch):
        _divide_by_norm(batch.value, batch.start[s], batch.start[s + 1])
    some, entry, group = len(shape[1]), 0, 0
    whole = job.batch // some * some
    for s in range(0, whole, some):
        entry = _arrange(job, batch, s, s + some, group, entry, entries)
        group += 1
    for s in range(whole, job.batch):
        entry = _arrange(job, batch, s, s + 1, group, entry, entries)
        group += 1
    entries.start[group] = entry


@part
def _divide_by_norm(value, first, last):
    square = 0.0
    for e in range(first, last):
        square += np.float64(value[e]) * np.float64(value[e])
    # A value of exactly 0 has a chance of 2^-31, and a sample that has no other one stays 0.
    norm = np.sqrt(square) if square > 0 else 1.0
    for e in range(first, last):
        value[e] = np.float32(np.float64(value[e]) / norm)


@part
def _arrange(job, batch, first, last, group, entry, entries):
    """Write the samples `first` to `last` as a group; returns the number of entries written so far.

    `whole_set` needs the entries sorted only by block of features. Within a block they stay in the order of
    samples, because sorting them by feature would take longer than the sums of the step.
    """
    entries.start[group] = entry
    for s in range(first, last):
        batch.words[s - first] = np.uint32(batch.start[s] - batch.start[first])
    for end in range(BLOCK, job.n_features + BLOCK, BLOCK):
        for s in range(first, last):
            e, row = batch.start[first] + np.int64(batch.words[s - first]), np.uint8(s % TILE)
            while e < batch.start[s + 1] and batch.feature[e] < end:
                entries.row[entry] = row
                entries.feature[entry] = np.uint16(batch.feature[e])
                entries.value[entry] = batch.value[e]
                entry, e = entry + 1, e + 1
            batch.words[s - first] = np.uint32(e - batch.start[first])
    return entry
