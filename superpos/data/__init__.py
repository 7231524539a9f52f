"""Feature distributions: how x [sample, feature] is drawn. Each distribution is a file.

Every file has `sample`, which draws a minibatch. It may also have:

- `units` and `fill`, if its units (features, or sets of features) are on independently of each other, and
  the values of active features are those of `values`: `units` gives the probabilities, and `fill` the
  values of x if it is known which units are on. Held-out samples then spread these values evenly;
- `value`, if its units are the features: their values if they are on, from their words of stream 0;
- `moments`, if features are independent: their means and variances;
- `marginals`, if the probability that a feature is on is not its condition's density (empty samples count);
- `gates`, if samples can be empty and there are no `units`: a sample is empty if all of these
  probabilities fail, independently of each other;
- `part`, some columns of `sample`, so that large held-out sets are drawn a part at a time (then
  `sample = whole(part)`);
- `check`, which raises a ValueError for a condition that the distribution does not support;
- `KERNEL`, a code of `superpos.numerics.kernel_codes`, if the fused engine can draw it.

`draw(stream, count)` returns uint32 words; the same stream always gives the same words. Its
`count` is a multiple of the number of samples, and a distribution has fewer than ten streams.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition, Distribution, share_filled
from superpos.numerics.ordered import squared_norms

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, Shaped, UInt32, UInt64

Draw = Callable[[int, int], np.ndarray]
"""A function that returns `count` uint32 words of a stream."""
Sampled = Condition | Distribution
"""An object that determines how x is drawn."""
Sample = Callable[[Sampled, Draw, int], np.ndarray]
"""`sample` of a distribution, called with a condition, `draw` and the number of samples."""
Part = Callable[[Sampled, Draw, int, int, int], np.ndarray]
"""`part` of a distribution, which also takes the first column and the one after the last."""


def whole(part: Part) -> Sample:
    """`sample` of a distribution that has `part`: all columns."""
    return lambda condition, draw, samples: part(condition, draw, samples, 0, condition.n_features)


def drawn(condition: Sampled, draw: Draw, samples: int) -> Float[np.ndarray, "sample feature"]:
    """Samples x; with data.unit_norm none is empty and each is divided by its norm."""
    x: np.ndarray = lookup.load("data", condition.data.name).sample(condition, draw, samples)
    if not condition.data.unit_norm:
        return x
    for attempt in itertools.count(1):
        empty = np.flatnonzero(~x.any(axis=1))
        if not len(empty):
            break
        x[empty] = _again(condition, draw, attempt, empty)
    normed: np.ndarray = (x / np.sqrt(squared_norms(x))[:, None]).astype(np.float32)
    return normed


def _again(condition: Sampled, draw: Draw, attempt: int, empty: np.ndarray) -> np.ndarray:
    """Replace the `empty` samples by those of another attempt, which has ten streams of its own."""
    own = draw.of_samples(empty) if hasattr(draw, "of_samples") else draw

    def further(stream: int, count: int) -> np.ndarray:
        return own(stream + 10 * attempt, count)

    x: np.ndarray = lookup.load("data", condition.data.name).sample(condition, further, len(empty))
    return x


def threshold(
    p: float | Float[np.ndarray, "*shape"],
) -> np.uint64 | UInt64[np.ndarray, "*shape"]:
    """T = round(p 2^32), uint64: a uniform word is below T with probability p."""
    return np.rint(np.asarray(p) * 2.0**32).astype(np.uint64)


def uniform(
    words: UInt32[np.ndarray, "*shape"],
    below: Shaped[np.ndarray, "*#shape"] | np.uint64 | int = 2**32,
) -> Float32[np.ndarray, "*shape"]:
    """Turn words that are uniform below `below` into float32 in [0, 1]: (word // 2) x (2 / below).

    A halved word has no bit in the sign's position, so a vector unit converts it to a float directly.
    """
    half = (words >> np.uint32(1)).astype(np.float32)
    return half * (2.0 / np.asarray(below, np.float64)).astype(np.float32)


def values(
    words: UInt32[np.ndarray, "*shape"],
    signed: bool,
    below: Shaped[np.ndarray, "*#shape"] | np.uint64 | int = 2**32,
) -> Float32[np.ndarray, "*shape"]:
    """Feature values, float32: uniform on [0, 1], or on [-1, 1] if signed."""
    u = uniform(words, below)
    return 2 * u - 1 if signed else u


def columns(
    draw: Draw, stream: int, shape: tuple[int, int], first: int | np.int64, stop: int | np.int64
) -> UInt32[np.ndarray, "{shape[0]} {stop-first}"]:
    """The columns first to stop of a stream's words, as a matrix of that shape.

    If `draw` has a `window`, no other columns are drawn.
    """
    if window := getattr(draw, "window", None):
        words: np.ndarray = window(stream, shape, first, stop)
        return words
    return draw(stream, shape[0] * shape[1]).reshape(shape)[:, first:stop]


def marginals(condition: Sampled) -> Float[np.ndarray, " feature"]:
    """P(x_i != 0) of each feature: its density unless the distribution has its own `marginals`.

    With data.unit_norm no sample is empty, so each is divided by the probability of a non-empty sample.
    If a feature is on in all of these, rounding must not take it beyond 1.
    """
    distribution = lookup.load("data", condition.data.name)
    own = getattr(distribution, "marginals", None)
    p = np.asarray(own(condition), np.float64) if own else condition.densities()
    return np.minimum(p / share_filled(condition), 1.0) if condition.data.unit_norm else p


def set_density(condition: Sampled) -> Float[np.ndarray, " set"]:
    """The density p of each of the equal sets of features.

    Raises a ValueError if the number of sets is not given, or if densities differ within a set.
    """
    if condition.data.sets is None:
        raise ValueError(f"data.name {condition.data.name!r} needs data.sets, the number of sets")
    by_set = condition.densities().reshape(condition.data.sets, -1)
    if (by_set != by_set[:, :1]).any():
        raise ValueError(
            f"density varies within a set; its values go from {by_set.min():g} to {by_set.max():g}; "
            "give all features of a set the same density"
        )
    return by_set[:, 0]
