"""The non-zero entries of x while samples are drawn a part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from superpos.config.condition import WIDEST

if TYPE_CHECKING:
    from jaxtyping import Float, Integer, UInt16


@dataclass(frozen=True)
class Entries:
    """The non-zero entries of x [sample, feature], row by row; count: the number of entries in each row."""

    count: Integer[np.ndarray, " sample"]
    feature: UInt16[np.ndarray, " entry"]
    value: Float[np.ndarray, " entry"]


def entries_of(x: Float[np.ndarray, "sample feature"], first: int = 0) -> Entries:
    """The entries of x, whose first column is the feature `first`; raises a ValueError for more features
    than 16 bits can number."""
    if first + x.shape[1] > WIDEST:
        raise ValueError(f"{first + x.shape[1]} features; give at most {WIDEST}")
    place = np.flatnonzero(x != 0)
    sample, feature = np.divmod(place, x.shape[1])
    count = np.bincount(sample, minlength=len(x))
    return Entries(count, (feature + first).astype(np.uint16), x.ravel()[place])


def join_rows(parts: Sequence[Entries]) -> Entries:
    """The rows of the parts, one part below the other."""
    if len(parts) == 1:
        return parts[0]
    count, feature, value = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("count", "feature", "value")
    )
    return Entries(count, feature, value)


def join_columns(parts: Sequence[Entries]) -> Entries:
    """Join parts with different columns into one part with all of the columns."""
    if len(parts) == 1:
        return parts[0]
    count = np.sum([part.count for part in parts], axis=0)
    free = np.r_[0, count.cumsum()[:-1]]
    feature, value = np.empty(count.sum(), np.uint16), np.empty(count.sum(), np.float32)
    for part in parts:
        own = np.r_[0, part.count.cumsum()[:-1]]
        place = np.repeat(free - own, part.count) + np.arange(len(part.feature))
        feature[place], value[place] = part.feature, part.value
        free = free + part.count
    return Entries(count, feature, value)


def some_rows(entries: Entries, rows: Integer[np.ndarray, " row"]) -> Entries:
    """Some rows, by their numbers; a number may appear several times."""
    count = entries.count[rows]
    first = (entries.count.cumsum() - entries.count)[rows]
    place = np.repeat(first - (count.cumsum() - count), count) + np.arange(count.sum())
    return Entries(count, entries.feature[place], entries.value[place])


def unit_norms(entries: Entries) -> Entries:
    """The same rows, each divided by its norm."""
    sample = np.repeat(np.arange(len(entries.count)), entries.count)
    squared = np.bincount(sample, np.square(entries.value, dtype=np.float64), len(entries.count))
    value = (entries.value / np.sqrt(squared)[sample]).astype(np.float32)
    return replace(entries, value=value)


def without_zeros(entries: Entries) -> Entries:
    """The same entries without those whose value is 0."""
    if (entries.value != 0).all():
        return entries
    kept = entries.value != 0
    sample = np.repeat(np.arange(len(entries.count)), entries.count)[kept]
    count = np.bincount(sample, minlength=len(entries.count))
    return Entries(count, entries.feature[kept], entries.value[kept])
