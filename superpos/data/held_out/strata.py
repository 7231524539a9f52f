"""Samples with a given number of active units, and the probability of each number."""

from dataclasses import replace

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.data.held_out.entries import Entries, entries_of, join_rows, without_zeros
from superpos.data.held_out.random_words import EvenWords, RandomWords, sorting, windows
from superpos.numerics.compiled import numba


def count_chances(p: np.ndarray) -> np.ndarray:
    """P(k units are on), [k], the Poisson-binomial distribution of units with probabilities p [unit]."""
    row = np.zeros(len(p) + 1)
    row[0] = 1
    for one in p[::-1]:
        row[1:] = (1 - one) * row[1:] + one * row[:-1]
        row[0] = (1 - one) * row[0]
    return row


def suffix_counts(p: np.ndarray, highest: int) -> np.ndarray:
    """P(k of the units u, u + 1, ... are on), [unit + 1, k], for k up to `highest`."""
    table = np.zeros((len(p) + 1, highest + 1))
    table[-1, 0] = 1
    for u in range(len(p) - 1, -1, -1):
        table[u] = (1 - p[u]) * table[u + 1]
        table[u, 1:] += p[u] * table[u + 1, :-1]
    return table


def stratum(condition: Condition, tables: np.ndarray, count: int, draw: RandomWords) -> Entries:
    """Samples in which exactly `count` units are on, drawn a part at a time."""
    distribution = lookup.load("data", condition.data.name)
    p, samples = distribution.units(condition), draw.samples
    # An evenly spread word decides which unit is the first one on, so that each is first as often
    # as it should be.
    u = EvenWords(draw)(0, samples) * 2.0**-32 * tables[0, count]
    first_off = np.r_[1, np.cumprod(1 - p[:-1])]
    chance = np.cumsum(first_off * p * tables[1:, count - 1]) if count else np.zeros(len(p))
    unit = np.minimum(np.searchsorted(chance, u, side="right"), len(p) - 1)
    parts = []
    for first, stop in windows(samples, condition.n_features):
        own = draw if stop - first == samples else replace(draw, rows=(first, stop))
        on = np.zeros((stop - first, len(p)), bool)
        on[np.arange(stop - first), unit[first:stop]] = count > 0
        words = own(1, on.size).reshape(on.shape)
        _turn_on(p, tables, count, unit[first:stop], words, on)
        parts.append(
            entries_of(distribution.fill(condition, on, replace(own, shift=draw.shift + 2)))
        )
    return _evened(join_rows(parts), condition.n_features, draw(9, samples))


@numba.njit(cache=True)
def _turn_on(
    p: np.ndarray,
    tables: np.ndarray,
    count: int,
    first: np.ndarray,
    words: np.ndarray,
    on: np.ndarray,
) -> None:
    """Turn on `count` units of each sample; the first of them, `first` [sample], is on already."""
    for s in range(len(on)):
        left = count - 1
        for unit in range(first[s] + 1, len(p)):
            if left > 0:
                joint = p[unit] * tables[unit + 1, left - 1]
                if words[s, unit] * 2.0**-32 * tables[unit, left] < joint:
                    on[s, unit] = True
                    left -= 1


def _evened(entries: Entries, n_features: int, words: np.ndarray) -> Entries:
    """The same samples, with the active values of each feature replaced by evenly spread ones."""
    feature, value = entries.feature, entries.value
    size = np.bincount(feature, minlength=n_features)
    signed = np.bincount(feature[value < 0], minlength=n_features) > 0
    # The place of each entry among the entries of its feature, if these are next to each other.
    place = np.arange(len(feature)) - np.repeat(size.cumsum() - size, size)
    rank, word = np.empty_like(place), np.empty(len(feature), np.uint32)
    by_value = _ascending(value)
    rank[by_value[np.argsort(feature[by_value], kind="stable")]] = place
    word[np.argsort(feature, kind="stable")] = words[place]
    u = (rank + word * 2.0**-32) / np.maximum(size, 1)[feature]
    low = np.where(signed, -1.0, 0.0)[feature]
    evened = (low + (1 - low) * u).astype(np.float32)
    return without_zeros(replace(entries, value=evened))


def _ascending(values: np.ndarray) -> np.ndarray:
    """The order that sorts float32 other than 0 and NaN; equal values stay in their order."""
    bits = values.view(np.uint32)
    # The words rise with the values if negative ones are inverted and the others get the highest bit.
    words = np.where(bits >> np.uint32(31), ~bits, bits | np.uint32(2**31))
    return sorting(words)
