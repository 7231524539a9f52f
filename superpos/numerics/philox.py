"""Philox4x32-7: random numbers as a function of (key, step, purpose, index).

From Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); by their table 2, seven
rounds are the fewest that pass BigCrush. Nothing here has a state, so a run draws the same numbers
whatever it is batched with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from superpos.numerics.compiled import numba
from superpos.numerics.normal import normal_quantile

if TYPE_CHECKING:
    from jaxtyping import Float32, Integer, UInt32, UInt64

INIT, BATCH, FINITE_SET, EVALUATION = range(4)
"""Purposes: initial weights, minibatches, a finite training set, evaluation sets."""

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint32(0x9E3779B9), np.uint32(0xBB67AE85)

ROUNDS = 7

KEYS_AT_ONCE = 4096
"""How many keys have their normal numbers made at once, to bound the memory of temporaries."""


@numba.njit(inline="always")
def four_words(
    c0: np.uint32, c1: np.uint32, c2: np.uint32, c3: np.uint32, k0: np.uint32, k1: np.uint32
) -> tuple[np.uint32, np.uint32, np.uint32, np.uint32]:
    """Turn a counter (c0..c3) and a key (k0, k1), all uint32, into four uint32 words."""
    for _ in range(ROUNDS):
        p0 = _M0 * np.uint64(c0)
        p1 = _M1 * np.uint64(c2)
        high0, high1 = np.uint32(p0 >> np.uint64(32)), np.uint32(p1 >> np.uint64(32))
        c0, c2 = high1 ^ c1 ^ k0, high0 ^ c3 ^ k1
        c1, c3 = np.uint32(p1), np.uint32(p0)
        k0, k1 = np.uint32(k0 + _W0), np.uint32(k1 + _W1)
    return c0, c1, c2, c3


@numba.njit(cache=True)
def words(
    key: np.uint64, purpose: int, step: int, stream: int, count: int
) -> UInt32[np.ndarray, " word"]:
    """Return `count` uint32 words of one (key, purpose, step, stream).

    The words come in blocks of four; block c has the counter (c, step, purpose, stream), and its word
    w is at w * ceil(count / 4) + c. So each word has a separate array, and loops over them vectorise.
    """
    out = np.empty((count + 3) // 4 * 4, np.uint32)
    _fill(out, key, purpose, step, stream)
    return out[:count]


@numba.njit
def _fill(out, key, purpose, step, stream):  # type: ignore[no-untyped-def]
    """Fill `out`, whose length is a multiple of 4, with `words`."""
    quarter = len(out) // 4
    k0, k1 = np.uint32(key), np.uint32(key >> np.uint64(32))
    c1, c2, c3 = np.uint32(step), np.uint32(purpose), np.uint32(stream)
    for c in range(quarter):
        w0, w1, w2, w3 = four_words(np.uint32(c), c1, c2, c3, k0, k1)
        out[c] = w0
        out[quarter + c] = w1
        out[2 * quarter + c] = w2
        out[3 * quarter + c] = w3


@numba.njit
def word(key, purpose, step, stream, count, element):  # type: ignore[no-untyped-def]
    """One of the `count` elements of `words`, by its index."""
    quarter = (count + 3) // 4
    # A division would take longer than the word.
    which = (element >= quarter) + (element >= 2 * quarter) + (element >= 3 * quarter)
    k0, k1 = np.uint32(key), np.uint32(key >> np.uint64(32))
    c1, c2, c3 = np.uint32(step), np.uint32(purpose), np.uint32(stream)
    w = four_words(np.uint32(element - which * quarter), c1, c2, c3, k0, k1)
    return w[0] if which == 0 else w[1] if which == 1 else w[2] if which == 2 else w[3]


@numba.njit(cache=True)
def words_of_keys(
    keys: UInt64[np.ndarray, " key"], purpose: int, stream: int, count: int
) -> UInt32[np.ndarray, "key word"]:
    """`words` of many keys at step 0."""
    out = np.empty((len(keys), (count + 3) // 4 * 4), np.uint32)
    for row in range(len(keys)):
        _fill(out[row], keys[row], purpose, 0, stream)
    return out[:, :count]


@numba.njit(cache=True)
def words_of_steps(
    key: np.uint64, purpose: int, steps: Integer[np.ndarray, " step"], stream: int, count: int
) -> UInt32[np.ndarray, "step word"]:
    """`words` of many steps."""
    out = np.empty((len(steps), (count + 3) // 4 * 4), np.uint32)
    for row in range(len(steps)):
        _fill(out[row], key, purpose, steps[row], stream)
    return out[:, :count]


@numba.njit(cache=True)
def window(
    key: np.uint64,
    purpose: int,
    step: int,
    stream: int,
    shape: tuple[int, int],
    rows: tuple[int, int],
    columns: tuple[int, int],
) -> UInt32[np.ndarray, "row column"]:
    """Rows rows[0] to rows[1] and columns columns[0] to columns[1] of `words` as a matrix of `shape`.

    Only these words are kept in memory. If the number of rows is a multiple of 4, the four words of a
    block belong to one column.
    """
    height, width = shape
    k0, k1 = np.uint32(key), np.uint32(key >> np.uint64(32))
    c1, c2, c3 = np.uint32(step), np.uint32(purpose), np.uint32(stream)
    out = np.empty((rows[1] - rows[0], columns[1] - columns[0]), np.uint32)
    if height % 4 == 0 and out.shape[0] == height:
        apart = height // 4
        for r in range(apart):
            for i in range(out.shape[1]):
                c = np.uint32(r * width + columns[0] + i)
                w0, w1, w2, w3 = four_words(c, c1, c2, c3, k0, k1)
                out[r, i], out[r + apart, i] = w0, w1
                out[r + 2 * apart, i], out[r + 3 * apart, i] = w2, w3
        return out
    for r in range(out.shape[0]):
        for i in range(out.shape[1]):
            element = (rows[0] + r) * width + columns[0] + i
            out[r, i] = word(key, purpose, step, stream, height * width, element)
    return out


@numba.njit(cache=True)
def words_at(
    key: np.uint64,
    purpose: int,
    step: int,
    stream: int,
    count: int,
    elements: Integer[np.ndarray, " element"],
) -> UInt32[np.ndarray, " element"]:
    """Some of the `count` elements of `words`, by their indices."""
    out = np.empty(len(elements), np.uint32)
    for e in range(len(elements)):
        out[e] = word(key, purpose, step, stream, count, elements[e])
    return out


def word_source(
    key: np.uint64, purpose: int, step: int
) -> Callable[[int, int], UInt32[np.ndarray, " word"]]:
    """The function draw(stream, count) that gives the words of one key, purpose and step."""

    def draw(stream: int, count: int) -> np.ndarray:
        drawn: np.ndarray = words(key, purpose, step, stream, count)
        return drawn

    return draw


def normals(
    key: np.uint64, purpose: int, stream: int, shape: tuple[int, ...]
) -> Float32[np.ndarray, " ..."]:
    """Standard normal numbers of that shape, by inversion of (word + 1/2) / 2^32."""
    drawn = words(np.uint64(key), purpose, 0, stream, int(np.prod(shape)))
    return normal_quantile((drawn + 0.5) * 2.0**-32).astype(np.float32).reshape(shape)


def many_normals(
    keys: Sequence[np.uint64], purpose: int, stream: int, shape: tuple[int, ...]
) -> Float32[np.ndarray, "key ..."]:
    """`normals` of many keys at once, [key, *shape]."""
    count = int(np.prod(shape))
    drawn = words_of_keys(np.array(keys, np.uint64), purpose, stream, count)
    out = np.empty((len(keys), *shape), np.float32)
    for first in range(0, len(keys), KEYS_AT_ONCE):
        some = slice(first, first + KEYS_AT_ONCE)
        z = normal_quantile((drawn[some] + 0.5) * 2.0**-32)
        out[some] = z.astype(np.float32).reshape(-1, *shape)
    return out
