"""Samples stored on two circles: some at a small radius p side by side, the others outside at radius R.

R is the smallest at which all fit. The columns are samples, inside and outside (numbers of them), inner (p),
outer (R); gap_inside, gap_outside and gap_across, the angles in degrees between neighbours, NaN if there
are none inside; frobenius, ratio (over the regular polygon's), margin (the smallest h_i . (h_i - h_j),
which is 1) and loss (the training loss of the model built, which is 0).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from superpos import theory
from superpos.config import ranges
from superpos.config.condition import Count
from superpos.config.grids import expand

LARGEST = 100.0
"""The largest R tried, as a multiple of the regular polygon's radius."""
TRIED = 400


def check(samples: list[int], inner: Any) -> None:
    """Raise a ValueError if samples or radii are out of range, or too many."""
    ranges.refuse_outside("samples", samples, 3, 100)
    ranges.few(1000 * sum(samples) * ranges.axis("inner", inner, 0.01, 100))


def table(samples: list[Count], inner: Any) -> pd.DataFrame:
    """A row for each number of samples, number inside and inner radius for which a two-circle solution
    exists."""
    radii = expand("inner", inner)
    return pd.DataFrame([row for T in samples for p in radii for row in _rows(T, p)])


def _rows(T: int, p: float) -> Iterator[dict[str, float]]:
    if p >= theory.polygon_radius(T):
        return
    for inside in range(1, T):
        outer = smallest_outer(inside, T - inside, p)
        if math.isfinite(outer):
            yield _row(inside, T - inside, p, outer)


def _row(inside: int, outside: int, p: float, outer: float) -> dict[str, float]:
    T, h = inside + outside, circles(inside, outside, p, outer)
    norm = math.sqrt((h**2).sum())
    return {
        **{"samples": T, "inside": inside, "outside": outside, "inner": p, "outer": outer},
        "gap_inside": theory.gap_on_circle(p) if inside > 1 else math.nan,
        "gap_outside": theory.gap_on_circle(outer) if outside > 1 else math.nan,
        "gap_across": theory.gap_across(p, outer),
        "frobenius": norm,
        "ratio": norm / (math.sqrt(T) * theory.polygon_radius(T)),
        "margin": theory.margin(h),
        "loss": theory.loss_on_samples(*theory.memory_weights(h, np.eye(T)), np.eye(T)),
    }


def smallest_outer(inside: int, outside: int, p: float) -> float:
    """The smallest R at which the gaps sum to at most 360 degrees; NaN if no R that was tried is enough."""
    most = LARGEST * theory.polygon_radius(inside + outside)
    tried = np.geomspace(p, most, TRIED)
    fits = [_turn(inside, outside, p, R) <= 360 for R in tried]
    if not any(fits):
        return math.nan
    first = fits.index(True)
    low, high = tried[max(first - 1, 0)], tried[first]
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _turn(inside, outside, p, middle) <= 360 else (middle, high)
    return float(high)


def _turn(inside: int, outside: int, p: float, R: float) -> float:
    """The sum of the gaps in degrees; NaN if the radii are impossible."""
    own = (inside - 1) * theory.gap_on_circle(p) if inside > 1 else 0.0
    other = (outside - 1) * theory.gap_on_circle(R) if outside > 1 else 0.0
    return own + other + 2 * theory.gap_across(p, R)


def circles(inside: int, outside: int, p: float, R: float) -> np.ndarray:
    """h [sample, 2]: first the vectors on the inner circle, at the smallest possible gaps, then the
    others."""
    gaps = [theory.gap_on_circle(p)] * (inside - 1) + [theory.gap_across(p, R)]
    gaps += [theory.gap_on_circle(R)] * (outside - 1)
    angle = np.radians(np.cumsum([0.0, *gaps]))
    radius = np.repeat([p, R], [inside, outside])[:, None]
    return np.asarray(radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))
