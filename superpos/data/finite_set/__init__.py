"""A finite training set, drawn row by row, so that a longer set begins with the rows of a shorter one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from superpos.config.condition import Data, Distribution
from superpos.data import Sampled, drawn
from superpos.data.held_out.entries import Entries, entries_of, join_rows, some_rows
from superpos.data.held_out.random_words import windows
from superpos.data.held_out.samples import weighted
from superpos.numerics import philox
from superpos.numerics.digest import digest64
from superpos.numerics.samples import Samples


@dataclass(frozen=True)
class RowWords:
    """The words of some rows as a `Draw`; they depend only on the key and on a row's number."""

    key: np.uint64
    rows: np.ndarray

    def __call__(self, stream: int, count: int) -> np.ndarray:
        """`count` words, divided evenly among the rows."""
        place = self.key, philox.FINITE_SET, self.rows, stream
        words: np.ndarray = philox.words_of_steps(*place, count // len(self.rows))
        return words.ravel()

    def of_samples(self, places: np.ndarray) -> "RowWords":
        """The words of some of the rows."""
        return replace(self, rows=self.rows[places])


def training_set(condition: Sampled, seed: int) -> Samples:
    """The T training samples of a condition, of weight 1/T, which all replicates share.

    Row r depends only on the seed, the law of x, the set's number and r. With repeats of c samples R
    times, the last c (R - 1) rows are copies of the first c, in order.
    """
    data = condition.data
    key = digest64({"training set": condition.law(seed), "number": data.set})
    parts = []
    for first, stop in windows(data.distinct, condition.n_features):
        rows = RowWords(key, np.arange(first, stop))
        parts.append(entries_of(drawn(condition, rows, stop - first)))
    return _with_copies(join_rows(parts), data)


def first_rows(rows: Samples, count: int) -> Samples:
    """The first rows of a training set as a training set."""
    return weighted(some_rows(_entries(rows), np.arange(count)), np.full(count, 1 / count))


def cut(
    longest: Mapping[str, Samples], wanted: Mapping[str, Distribution], seed: int
) -> dict[str, Samples]:
    """The requested training sets, each cut from the longest one of its family."""
    entries = {name: _entries(rows) for name, rows in longest.items()}
    return {name: _with_copies(entries[d.family(seed)], d.data) for name, d in wanted.items()}


def _entries(rows: Samples) -> Entries:
    return Entries(np.diff(rows.start), rows.feature, rows.value)


def _with_copies(entries: Entries, data: Data) -> Samples:
    """The first distinct rows of a set, then the copies of the repeated ones."""
    rows = np.arange(data.distinct)
    if data.repeats:
        rows = np.r_[rows, np.tile(rows[: data.repeats.samples], data.repeats.times - 1)]
    return weighted(some_rows(entries, rows), np.full(len(rows), 1 / len(rows)))
