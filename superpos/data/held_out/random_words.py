"""The random words of one half of a held-out set: as drawn, or spread evenly over their range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from superpos.numerics import philox

if TYPE_CHECKING:
    from jaxtyping import Integer, UInt32

NUMBERS_AT_ONCE = 2**22
"""How many numbers of x [sample, feature] are drawn at a time: about 200 MB with their words."""


def windows(length: int, others: int) -> Iterator[tuple[int, int]]:
    """Divide `length` rows or columns of `others` numbers each into parts (first, stop) that are drawn in
    turn."""
    width = max(1, NUMBERS_AT_ONCE // others)
    return ((first, min(first + width, length)) for first in range(0, length, width))


@dataclass(frozen=True)
class RandomWords:
    """The words of one half as a `Draw`, for `samples` rows, or only for some `rows` (first, stop).

    Stream s of the caller is stream s + `shift` of the half.
    """

    key: np.uint64
    half: int
    samples: int
    shift: int = 0
    rows: tuple[int, int] | None = None

    def __call__(self, stream: int, count: int) -> np.ndarray:
        """`count` words, divided evenly among the rows."""
        if self.rows is None:
            words: np.ndarray = philox.words(*self.place(stream), count)
            return words
        width = count // (self.rows[1] - self.rows[0])
        return self._part(stream, (self.samples, width), self.rows, (0, width)).ravel()

    def window(self, stream: int, shape: tuple[int, int], first: int, stop: int) -> np.ndarray:
        """The columns of the matrix of words from `first` up to, but not including, `stop`."""
        if stop - first == shape[1]:
            return self(stream, shape[0] * shape[1]).reshape(shape)
        return self._part(stream, shape, (0, shape[0]), (first, stop))

    def at(self, stream: int, count: int, elements: np.ndarray) -> np.ndarray:
        """Some of the `count` words, by their numbers."""
        words: np.ndarray = philox.words_at(*self.place(stream), count, elements)
        return words

    def place(self, stream: int) -> tuple[np.uint64, int, int, int]:
        """The key, purpose, step and stream of the words."""
        return self.key, philox.EVALUATION, self.half, stream + self.shift

    def _part(
        self, stream: int, shape: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]
    ) -> np.ndarray:
        words: np.ndarray = philox.window(*self.place(stream), shape, rows, columns)
        return words


@dataclass(frozen=True)
class EvenWords:
    """Words that are spread evenly over the 2^32 in each column [sample]: (rank + u) / samples."""

    words: RandomWords

    def __call__(self, stream: int, count: int) -> np.ndarray:
        """All columns, as one row of `count` words."""
        shape = self.words.samples, count // self.words.samples
        return self.window(stream, shape, 0, shape[1]).ravel()

    def window(self, stream: int, shape: tuple[int, int], first: int, stop: int) -> np.ndarray:
        """The columns of the matrix of words from `first` up to, but not including, `stop`."""
        rank = _ranks(self.words.window(stream, shape, first, stop))
        u = self.words.window(stream + 5, shape, first, stop)
        spread: np.ndarray = ((rank << np.uint64(32)) + u) // np.uint64(shape[0])
        return spread.astype(np.uint32)


def sorting(words: UInt32[np.ndarray, "*shape"]) -> Integer[np.ndarray, "*shape"]:
    """The indices that sort uint32 along the last axis; equal words keep their order."""
    place = np.arange(words.shape[-1], dtype=np.uint64)
    # Each number holds a word and its place, so no two are equal. Sorting them is faster than
    # argsort.
    keyed = np.sort((words.astype(np.uint64) << np.uint64(32)) | place, axis=-1)
    return (keyed & np.uint64(2**32 - 1)).astype(np.intp)


def _ranks(words: np.ndarray) -> np.ndarray:
    """The rank of each uint32 within its column [sample], uint64; ties are ranked in order of occurrence."""
    order = sorting(words.T)
    rank = np.empty(order.shape, np.uint64)
    np.put_along_axis(rank, order, np.arange(len(words), dtype=np.uint64)[None], axis=1)
    ranks: np.ndarray = rank.T
    return ranks
