"""Correlated sets (section "Correlated and Anticorrelated Features"): members are on together.

A set is on with probability p; then each of its members is uniform, independently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.data import Draw, Sampled, columns, set_density, threshold, values, whole
from superpos.numerics import kernel_codes

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32

KERNEL = kernel_codes.ALL_MEMBERS
check = units = set_density


def part(
    condition: Sampled, draw: Draw, samples: int, first: int, stop: int
) -> Float32[np.ndarray, "sample feature"]:
    """Draw the features of x from number `first` up to, but not including, `stop`.

    Stream 0 turns sets on, stream 1 gives the values.
    """
    p = set_density(condition)
    own = np.arange(first, stop) // (condition.n_features // len(p))
    some = own[0], own[-1] + 1
    on = columns(draw, 0, (samples, len(p)), *some) < threshold(p[slice(*some)])
    words = columns(draw, 1, (samples, condition.n_features), first, stop)
    return _values(condition, on[:, own - own[0]], words)


sample = whole(part)


def fill(
    condition: Sampled, on: Bool[np.ndarray, "sample unit"], draw: Draw
) -> Float32[np.ndarray, "sample feature"]:
    """x given which sets are on."""
    members = condition.n_features // on.shape[1]
    words = draw(0, len(on) * condition.n_features).reshape(len(on), -1)
    return _values(condition, np.repeat(on, members, axis=1), words)


def _values(condition: Sampled, on: np.ndarray, words: np.ndarray) -> np.ndarray:
    """The values of the features that are on, 0 for others; all arrays are [sample, feature]."""
    return np.where(on, values(words, condition.data.signed), np.float32(0))
