"""Independent features: x_i is 0 with probability S = 1 - p_i, else uniform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos.data import Draw, Sampled, columns, threshold, values, whole
from superpos.numerics import kernel_codes

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Float32, UInt32

KERNEL = kernel_codes.FEATURES


def check(condition: Sampled) -> None:
    """Raise a ValueError if sets are asked for: independent features form none."""
    if condition.data.sets is not None:
        raise ValueError(
            f"data.sets {condition.data.sets} has no effect on independent features; leave it out"
        )


def part(
    condition: Sampled, draw: Draw, samples: int, first: int, stop: int
) -> Float32[np.ndarray, "sample feature"]:
    """Draw the features of x from number `first` up to, but not including, `stop`.

    One uniform word both turns a feature on (if it is below T) and gives its value.
    """
    words = columns(draw, 0, (samples, condition.n_features), first, stop)
    below = threshold(condition.densities()[first:stop])
    return np.where(words < below, values(words, condition.data.signed, below), np.float32(0))


sample = whole(part)


def units(condition: Sampled) -> Float[np.ndarray, " unit"]:
    """The density p of each unit; the units are the features."""
    return condition.densities()


def moments(
    condition: Sampled,
) -> tuple[Float[np.ndarray, " feature"], Float[np.ndarray, " feature"]]:
    """The mean and variance of x_i: p/2 and p/3 - p²/4, or 0 and p/3 if signed."""
    p = condition.densities()
    mean = np.zeros_like(p) if condition.data.signed else p / 2
    return mean, p / 3 - mean**2


def fill(
    condition: Sampled, on: Bool[np.ndarray, "sample unit"], draw: Draw
) -> Float32[np.ndarray, "sample feature"]:
    """x given which features are on."""
    words = draw(0, on.size).reshape(on.shape)
    return np.where(on, value(condition, words), np.float32(0))


def value(condition: Sampled, words: UInt32[np.ndarray, "*axes"]) -> Float32[np.ndarray, "*axes"]:
    """The values of features that are on, given their words, which `fill` takes from stream 0."""
    return values(words, condition.data.signed)
