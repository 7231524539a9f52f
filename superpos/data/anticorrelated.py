"""Anticorrelated sets (section "Correlated and Anticorrelated Features"): one member at a time.

A set is on with probability p; then exactly one of its members is on, each with equal probability,
and its value is uniform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.data import Draw, Sampled, columns, set_density, threshold, values, whole
from superpos.numerics import kernel_codes

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Float32

KERNEL = kernel_codes.ONE_MEMBER
check = units = set_density


def part(
    condition: Sampled, draw: Draw, samples: int, first: int, stop: int
) -> Float32[np.ndarray, "sample feature"]:
    """Draw the features of x from number `first` up to, but not including, `stop`.

    Stream 0 turns sets on, stream 1 chooses their members, stream 2 gives the values.
    """
    p = set_density(condition)
    own, _ = _places(condition, first, stop)
    some, shape = (own[0], own[-1] + 1), (samples, len(p))
    on = columns(draw, 0, shape, *some) < threshold(p[slice(*some)])
    choice, words = (columns(draw, stream, shape, *some) for stream in (1, 2))
    return _values(condition, on, choice, words, first, stop)


sample = whole(part)


def marginals(condition: Sampled) -> Float[np.ndarray, " feature"]:
    """P(x_i != 0): p divided by the number of members."""
    sets = len(set_density(condition))
    return condition.densities() / (condition.n_features // sets)


def fill(
    condition: Sampled, on: Bool[np.ndarray, "sample unit"], draw: Draw
) -> Float32[np.ndarray, "sample feature"]:
    """x given which sets are on."""
    choice, words = (draw(stream, on.size).reshape(on.shape) for stream in (0, 1))
    return _values(condition, on, choice, words, 0, condition.n_features)


def _places(condition: Sampled, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """For the features first to stop: the number of the set, and the position within the set."""
    members = condition.n_features // len(set_density(condition))
    return np.arange(first, stop) // members, np.arange(first, stop) % members


def _values(
    condition: Sampled,
    on: np.ndarray,
    choice: np.ndarray,
    words: np.ndarray,
    first: int,
    stop: int,
) -> np.ndarray:
    """The values of features `first` to `stop`, from arrays [sample, set] that cover their sets."""
    own, place = _places(condition, first, stop)
    members = np.uint64(condition.n_features // len(set_density(condition)))
    # For a set that is off: a number that no member has.
    member = np.where(on, (choice.astype(np.uint64) * members) >> np.uint64(32), members)
    value, own = values(words, condition.data.signed), own - own[0]
    return np.where(member[:, own] == place.astype(np.uint64), value[:, own], np.float32(0))
