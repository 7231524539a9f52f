"""Samples with a given number of active units, and the probability of each number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.data.held_out.entries import Entries, entries_of, join_rows, without_zeros
from superpos.data.held_out.random_words import EvenWords, RandomWords, sorting, windows
from superpos.numerics import philox
from superpos.numerics.compiled import numba

if TYPE_CHECKING:
    from jaxtyping import Float


def count_chances(p: Float[np.ndarray, " unit"]) -> Float[np.ndarray, " unit+1"]:
    """P(k units are on), the Poisson-binomial distribution of units that are on with probabilities p."""
    row = np.zeros(len(p) + 1)
    row[0] = 1
    for one in p[::-1]:
        row[1:] = (1 - one) * row[1:] + one * row[:-1]
        row[0] = (1 - one) * row[0]
    return row


def suffix_counts(
    p: Float[np.ndarray, " unit"], highest: int
) -> Float[np.ndarray, "unit+1 {highest}+1"]:
    """P(k of the units u, u + 1, ... are on), for k up to `highest`."""
    table = np.zeros((len(p) + 1, highest + 1))
    table[-1, 0] = 1
    for u in range(len(p) - 1, -1, -1):
        table[u] = (1 - p[u]) * table[u + 1]
        table[u, 1:] += p[u] * table[u + 1, :-1]
    return table


def stratum(
    condition: Condition, tables: Float[np.ndarray, "_ _"], count: int, draw: RandomWords
) -> Entries:
    """Samples in which exactly `count` units are on, drawn a part at a time."""
    distribution = lookup.load("data", condition.data.name)
    p, samples = distribution.units(condition), draw.samples
    # An evenly spread word decides which unit is the first one on, so that each is first as often
    # as it should be.
    u = EvenWords(draw)(0, samples) * 2.0**-32 * tables[0, count]
    first_off = np.r_[1, np.cumprod(1 - p[:-1])]
    chance = np.cumsum(first_off * p * tables[1:, count - 1]) if count else np.zeros(len(p))
    unit = np.minimum(np.searchsorted(chance, u, side="right"), len(p) - 1)
    units = _units_on(p, tables, count, unit, *draw.place(1))
    own = replace(draw, shift=draw.shift + 2)
    filled = _sparse if hasattr(distribution, "value") else _dense
    return _evened(condition, filled(condition, units, own), draw(9, samples))


def _sparse(condition: Condition, units: np.ndarray, draw: RandomWords) -> Entries:
    """The samples whose features `units` [sample, place] are on; no words are drawn for the others."""
    n_features, on = condition.n_features, units >= 0
    sample, _ = np.nonzero(on)
    words = draw.at(0, len(units) * n_features, sample * n_features + units[on])
    value = lookup.load("data", condition.data.name).value(condition, words)
    return without_zeros(Entries(on.sum(axis=1), units[on].astype(np.uint16), value))


def _dense(condition: Condition, units: np.ndarray, draw: RandomWords) -> Entries:
    """The samples whose `units` [sample, place] are on, drawn a part at a time."""
    distribution, samples = lookup.load("data", condition.data.name), len(units)
    every, parts = len(distribution.units(condition)), []
    for first, stop in windows(samples, condition.n_features):
        on = np.zeros((stop - first, every), bool)
        sample, place = np.nonzero(units[first:stop] >= 0)
        on[sample, units[first:stop][sample, place]] = True
        own = draw if stop - first == samples else replace(draw, rows=(first, stop))
        parts.append(entries_of(distribution.fill(condition, on, own)))
    return join_rows(parts)


@numba.njit(cache=True)
def _units_on(
    p: np.ndarray,
    tables: np.ndarray,
    count: int,
    first: np.ndarray,
    key: np.uint64,
    purpose: int,
    step: int,
    stream: int,
) -> np.ndarray:
    """The `count` units that are on in each sample [sample, place]; the first of them is `first` [sample].

    If that is impossible, as at density 1, -1 stands for those that are missing. The word that decides
    whether a unit is on is drawn only when it is needed.
    """
    units = np.full((len(first), count), -1)
    for s in range(len(first) if count else 0):
        units[s, 0], left = first[s], count - 1
        for unit in range(first[s] + 1, len(p)):
            if left == 0:
                break
            element = s * len(p) + unit
            word = philox.word(key, purpose, step, stream, len(first) * len(p), element)
            if word * 2.0**-32 * tables[unit, left] < p[unit] * tables[unit + 1, left - 1]:
                units[s, count - left], left = unit, left - 1
    return units


def _evened(condition: Condition, entries: Entries, words: np.ndarray) -> Entries:
    """The same samples, with the active values of each feature replaced by evenly spread ones."""
    feature, value = entries.feature, entries.value
    size = np.bincount(feature, minlength=condition.n_features)
    # The place of each entry among the entries of its feature, if these are next to each other.
    place = np.arange(len(feature)) - np.repeat(size.cumsum() - size, size)
    rank, word = np.empty_like(place), np.empty(len(feature), np.uint32)
    by_value = _ascending(value)
    rank[by_value[np.argsort(feature[by_value], kind="stable")]] = place
    word[np.argsort(feature, kind="stable")] = words[place]
    u = (rank + word * 2.0**-32) / np.maximum(size, 1)[feature]
    low = -1.0 if condition.data.signed else 0.0
    evened = (low + (1 - low) * u).astype(np.float32)
    return without_zeros(replace(entries, value=evened))


def _ascending(values: np.ndarray) -> np.ndarray:
    """The indices that sort float32 numbers other than 0 and NaN; equal values keep their order."""
    bits = values.view(np.uint32)
    # The words rise with the values if negative ones are inverted and the others get the highest bit.
    words = np.where(bits >> np.uint32(31), ~bits, bits | np.uint32(2**31))
    return sorting(words)
