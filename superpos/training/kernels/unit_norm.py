"""Fresh samples of unit norm, in the groups in which `whole_set` computes outputs.

A batch is drawn as `skips.draw_filled` does, so no sample is empty, and each is divided by its norm.
"""

import numpy as np

from superpos.numerics.compiled import part
from superpos.training.kernels import skips
from superpos.training.kernels.whole_set import TILE


@part
def draw(shape, job, law, keys, step, batch, entries):
    """Draw the samples of a step into `batch`, and arrange them as `entries`; `batch.words` is scratch."""
    skips.draw_filled(job, law, keys, step, batch)
    for s in range(job.batch):
        _divide_by_norm(batch.value, batch.start[s], batch.start[s + 1])
    some, entry, group = len(shape[1]), 0, 0
    whole = job.batch // some * some
    for s in range(0, whole, some):
        entry = _arrange(batch, s, s + some, group, entry, entries)
        group += 1
    for s in range(whole, job.batch):
        entry = _arrange(batch, s, s + 1, group, entry, entries)
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
def _arrange(batch, first, last, group, entry, entries):
    """Write the samples `first` to `last` as a group, by feature and then by sample.

    Each sample has its features in order, so that the next entry is the first of what is left of a
    sample. Returns the number of entries written so far.
    """
    entries.start[group] = entry
    for s in range(first, last):
        batch.words[s - first] = np.uint32(batch.start[s] - batch.start[first])
    for _ in range(batch.start[first], batch.start[last]):
        row, at = first, batch.start[last]
        for s in range(first, last):
            e = batch.start[first] + np.int64(batch.words[s - first])
            left = e < batch.start[s + 1]
            if left and (at == batch.start[last] or batch.feature[e] < batch.feature[at]):
                row, at = s, e
        batch.words[row - first] += np.uint32(1)
        entries.row[entry] = np.uint8(row % TILE)
        entries.feature[entry] = np.uint16(batch.feature[at])
        entries.value[entry] = batch.value[at]
        entry += 1
    return entry
