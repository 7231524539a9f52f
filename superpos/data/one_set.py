"""One set at a time: the sparse limit of correlated sets, given that a sample is not empty.

With probability p (one density for all) exactly one set is on, each with equal probability; then
each of its members is uniform, independently. p = 1 is Wattenberg's conditioning on a non-zero
sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.data import Draw, Sampled, columns, set_density, threshold, values, whole
from superpos.numerics import kernel_codes

if TYPE_CHECKING:
    from jaxtyping import Float, Float32

KERNEL = kernel_codes.ONE_SET


def part(
    condition: Sampled, draw: Draw, samples: int, first: int, stop: int
) -> Float32[np.ndarray, "sample feature"]:
    """Draw the features of x from number `first` up to, but not including, `stop`.

    Stream 0 says whether a sample is empty, 1 chooses its set, 2 gives the values.
    """
    (p,), sets = gates(condition), len(set_density(condition))
    on = draw(0, samples) < threshold(p)
    chosen = (draw(1, samples).astype(np.uint64) * np.uint64(sets)) >> np.uint64(32)
    set_of_feature = np.arange(first, stop) // (condition.n_features // sets)
    words = columns(draw, 2, (samples, condition.n_features), first, stop)
    active = on[:, None] & (chosen[:, None] == set_of_feature)
    return np.where(active, values(words, condition.data.signed), np.float32(0))


sample = whole(part)


def marginals(condition: Sampled) -> Float[np.ndarray, " feature"]:
    """P(x_i != 0): p divided by the number of sets."""
    return condition.densities() / len(set_density(condition))


def gates(condition: Sampled) -> Float[np.ndarray, " 1"]:
    """The probability that a sample is not empty."""
    p = set_density(condition)
    if (p != p[0]).any():
        raise ValueError(
            f"data.name 'one_set' has densities from {p.min():g} to {p.max():g}; give one for all sets"
        )
    return p[:1]


check = gates
