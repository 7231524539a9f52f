"""Draw held-out samples."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.data.held_out.entries import (
    Entries,
    entries_of,
    join_columns,
    join_rows,
    some_rows,
    unit_norms,
)
from superpos.data.held_out.random_words import EvenWords, RandomWords, windows
from superpos.data.held_out.samples import HALVES, weighted
from superpos.data.held_out.strata import count_chances, stratum, suffix_counts
from superpos.numerics.digest import digest64
from superpos.numerics.samples import Samples

NEGLIGIBLE_CHANCE = 1e-9
"""A count of active units has no stratum if that count or a larger one is less likely than this."""


def draw_held_out(
    conditions: Iterable[Condition], seed: int, samples: int, strata: int
) -> dict[str, np.ndarray]:
    """Draw both halves for each distribution among the conditions, as arrays half.distribution.part."""
    arrays: dict[str, np.ndarray] = {}
    by_law = {condition.law(seed): condition for condition in conditions}
    for name, condition in by_law.items():
        key = digest64({"held out": name})
        for half, label in enumerate(HALVES):
            drawn = draw_samples(condition, key, half, samples, strata)
            arrays |= {f"{label}.{name}.{part}": array for part, array in vars(drawn).items()}
    return arrays


def draw_samples(
    condition: Condition, key: np.uint64, half: int, samples: int, strata: int
) -> Samples:
    """Draw half number `half` of a held-out set.

    If strata is 0, it has `samples` samples of equal weight. Otherwise it has `strata` samples for
    each count of active units; their weights add up to the exact probability of that count. Either
    way the values of each feature are spread evenly (Latin hypercube, McKay et al. 1979), which
    does not change expectations but removes most of the noise. Large sets are drawn a part at a
    time, so that memory grows with the entries that are on. Raises a ValueError if strata are
    requested and the distribution has no independent units.
    """
    words = RandomWords(key, half, samples)
    distribution = lookup.load("data", condition.data.name)
    if strata == 0:
        plain = _plain_samples(condition, words)
        return weighted(plain, np.full(samples, 1 / samples))
    if not hasattr(distribution, "units"):
        raise ValueError(
            f"evaluation.strata: data {condition.data.name!r} has no independent units to count; "
            "set strata: 0"
        )
    parts, weights = [], []
    p = distribution.units(condition)
    chance = count_chances(p)
    counts = np.flatnonzero(chance[::-1].cumsum()[::-1] > NEGLIGIBLE_CHANCE).tolist()
    if condition.data.unit_norm:
        # There are no empty samples.
        counts, chance = counts[1:], chance / (1 - chance[0])
    tables = suffix_counts(p, counts[-1])
    for count in counts:
        size = 1 if count == 0 else strata
        # Each stratum has ten streams of its own.
        own = RandomWords(key, half, size, 10 * count)
        parts.append(stratum(condition, tables, count, own))
        weights.append(np.full(size, chance[count] / size))
    entries = join_rows(parts)
    normed = unit_norms(entries) if condition.data.unit_norm else entries
    return weighted(normed, np.concatenate(weights))


def _plain_samples(condition: Condition, words: RandomWords) -> Entries:
    """Samples without strata; with data.unit_norm, empty ones are drawn again, in further streams."""
    entries = _drawn(condition, words)
    if not condition.data.unit_norm:
        return entries
    for attempt in itertools.count(1):
        empty = np.flatnonzero(entries.count == 0)
        if not len(empty):
            break
        again = _drawn(condition, replace(words, samples=len(empty), shift=10 * attempt))
        place = np.arange(len(entries.count))
        place[empty] = len(place) + np.arange(len(empty))
        entries = some_rows(join_rows([entries, again]), place)
    return unit_norms(entries)


def _drawn(condition: Condition, words: RandomWords) -> Entries:
    """Evenly spread samples, drawn a few features at a time if the distribution supports it."""
    distribution, draw = lookup.load("data", condition.data.name), EvenWords(words)
    if not hasattr(distribution, "part"):
        return entries_of(distribution.sample(condition, draw, words.samples))
    return join_columns(
        [
            entries_of(distribution.part(condition, draw, words.samples, first, stop), first)
            for first, stop in windows(condition.n_features, words.samples)
        ]
    )
