"""Held-out samples, drawn once for each distribution.

A set has two halves that share no sample: `pick` chooses the best of k, `report` gives its loss.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics import philox
from superpos.numerics.compiled import numba
from superpos.numerics.digest import digest64

HALVES = ("pick", "report")
NEGLIGIBLE = 1e-9
"""Counts of active units whose tail is less likely than this have no stratum."""
AT_ONCE = 2**22
"""Numbers of x [sample, feature] that are drawn at a time: about 200 MB with what they are made of."""
KINDS = {"start": "int64", "feature": "uint16", "value": "float32", "weight": "float64"}
"""The arrays of `Samples` and their types."""


@dataclass(frozen=True)
class Samples:
    """Sparse weighted samples: entries start[s] to start[s + 1] belong to sample s.

    start [sample + 1] int64, feature [entry] uint16, value [entry] float32, weight [sample] float64.
    The expectation of f is sum_s weight_s f(x_s).
    """

    start: np.ndarray
    feature: np.ndarray
    value: np.ndarray
    weight: np.ndarray

    def checked(self, n_features: int) -> "Samples":
        """These samples, if they are samples of `n_features` features; compiled code trusts that.

        Raises a ValueError that says which array is wrong.
        """
        for name, kind in KINDS.items():
            array = getattr(self, name)
            if not isinstance(array, np.ndarray) or array.dtype != kind or array.ndim != 1:
                raise ValueError(f"samples: `{name}` is not a one-dimensional {kind} array")
        entries = len(self.feature)
        if len(self.value) != entries:
            raise ValueError(f"samples: {len(self.value)} values for {entries} features")
        if len(self.start) != len(self.weight) + 1:
            raise ValueError(f"samples: {len(self.start)} starts for {len(self.weight)} weights")
        if self.start[0] != 0 or self.start[-1] != entries or (np.diff(self.start) < 0).any():
            raise ValueError(f"samples: `start` does not rise from 0 to the {entries} entries")
        if entries and (largest := int(self.feature.max())) >= n_features:
            raise ValueError(f"samples: feature {largest} of a model of {n_features} features")
        if not (np.isfinite(self.value).all() and np.isfinite(self.weight).all()):
            raise ValueError("samples: a value or a weight is not finite")
        return self

    def dense(self, n_features: int) -> np.ndarray:
        """x [sample, feature]."""
        x = np.zeros((len(self.weight), n_features), np.float32)
        x[np.repeat(np.arange(len(self.weight)), np.diff(self.start)), self.feature] = self.value
        return x


def held_out(
    conditions: Iterable[Condition], seed: int, samples: int, strata: int
) -> dict[str, np.ndarray]:
    """Both halves for every distribution among the conditions, as arrays half.distribution.part."""
    arrays: dict[str, np.ndarray] = {}
    by_distribution = {condition.distribution(seed): condition for condition in conditions}
    for name, condition in by_distribution.items():
        key = digest64({"held out": name})
        for half, label in enumerate(HALVES):
            drawn = asdict(draw_samples(condition, key, half, samples, strata))
            arrays |= {f"{label}.{name}.{part}": array for part, array in drawn.items()}
    return arrays


def draw_samples(
    condition: Condition, key: np.uint64, half: int, samples: int, strata: int
) -> Samples:
    """One half of an evaluation set: `samples` plain samples, or `strata` > 0 for each count of
    active units, weighted with the exact probability of the count.

    Either way every feature's values are spread evenly (Latin hypercube, McKay et al. 1979), which
    leaves the expectation and takes most of the noise. Large sets are drawn a part at a time, so that
    memory goes with the entries that are on.
    """
    words = _Words(key, half, samples)
    distribution = lookup.load("data", condition.data.name)
    if strata == 0:
        return _weighted(_plain(condition, _Spread(words), samples), np.full(samples, 1 / samples))
    if not hasattr(distribution, "units"):
        raise ValueError(
            f"evaluation.strata: data {condition.data.name!r} has no independent units to count; "
            "set strata: 0"
        )
    parts, weights = [], []
    p = distribution.units(condition)
    chance = _count_chances(p)
    counts = np.flatnonzero(chance[::-1].cumsum()[::-1] > NEGLIGIBLE).tolist()
    tables = _suffix_counts(p, counts[-1])
    for count in counts:
        size = 1 if count == 0 else strata
        # Streams of different strata must not meet: ten for each.
        stratum = _Words(key, half, size, 10 * count)
        parts.append(_stratum(condition, tables, count, stratum))
        weights.append(np.full(size, chance[count] / size))
    return _weighted(_below(parts), np.concatenate(weights))


def sparse_arrays(x: np.ndarray) -> dict[str, np.ndarray]:
    """x [sample, feature] as the arrays of a file."""
    return asdict(sparse(x, np.full(len(x), 1 / len(x))))


def dense_array(arrays: Mapping[str, np.ndarray], n_features: int) -> np.ndarray:
    """x [sample, feature] from the arrays of a file."""
    return Samples(**arrays).checked(n_features).dense(n_features)


def by_distribution(arrays: Mapping[str, np.ndarray]) -> dict[tuple[str, str], Samples]:
    """Samples by (half, distribution) from arrays named half.distribution.part."""
    parts: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        half, distribution, part = name.split(".")
        parts.setdefault((half, distribution), {})[part] = array
    return {key: Samples(**named) for key, named in parts.items()}


def sparse(x: np.ndarray, weight: np.ndarray) -> Samples:
    """Samples from dense x [sample, feature]."""
    return _weighted(_entries(x), weight)


@dataclass(frozen=True)
class _Entries:
    """What is not 0 of x [sample, feature], row by row: how many a row [sample]; the rest [entry]."""

    count: np.ndarray
    feature: np.ndarray
    value: np.ndarray


def _entries(x: np.ndarray, first: int = 0) -> _Entries:
    """The entries of x, whose first column is the feature `first`."""
    sample, feature = np.nonzero(x != 0)
    count = np.bincount(sample, minlength=len(x))
    return _Entries(count, (feature + first).astype(np.uint16), x[sample, feature])


def _weighted(entries: _Entries, weight: np.ndarray) -> Samples:
    start = np.r_[0, entries.count.cumsum()].astype(np.int64)
    return Samples(start, entries.feature, entries.value, weight)


def _below(parts: Sequence[_Entries]) -> _Entries:
    """The rows of some parts, one below the other."""
    if len(parts) == 1:
        return parts[0]
    count, feature, value = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("count", "feature", "value")
    )
    return _Entries(count, feature, value)


def _beside(parts: Sequence[_Entries]) -> _Entries:
    """The columns of some parts, one beside the other."""
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
    return _Entries(count, feature, value)


def _windows(length: int, others: int) -> Iterator[tuple[int, int]]:
    """`length` rows or columns of `others` numbers each, as many at a time as AT_ONCE allows."""
    width = max(1, AT_ONCE // others)
    return ((first, min(first + width, length)) for first in range(0, length, width))


@dataclass(frozen=True)
class _Words:
    """The words of one half as a `Draw`: streams from `shift`, of `samples` rows or, of these, `rows`."""

    key: np.uint64
    half: int
    samples: int
    shift: int = 0
    rows: tuple[int, int] | None = None

    def __call__(self, stream: int, count: int) -> np.ndarray:
        """`count` words: of all rows, or those of its own."""
        if self.rows is None:
            return philox.words(self.key, philox.EVALUATION, self.half, stream + self.shift, count)
        width = count // (self.rows[1] - self.rows[0])
        return self._some(stream, (self.samples, width), self.rows, (0, width)).ravel()

    def window(self, stream: int, shape: tuple[int, int], first: int, stop: int) -> np.ndarray:
        """The columns first to stop of a matrix of words."""
        if stop - first == shape[1]:
            return self(stream, shape[0] * shape[1]).reshape(shape)
        return self._some(stream, shape, (0, shape[0]), (first, stop))

    def _some(
        self, stream: int, shape: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]
    ) -> np.ndarray:
        place = self.key, philox.EVALUATION, self.half, stream + self.shift
        words: np.ndarray = philox.window(*place, shape, rows, columns)
        return words


@dataclass(frozen=True)
class _Spread:
    """Words of which each column [sample] is spread evenly over the 2^32: (rank + u) / samples."""

    words: _Words

    def __call__(self, stream: int, count: int) -> np.ndarray:
        """All columns, as flat words."""
        shape = self.words.samples, count // self.words.samples
        return self.window(stream, shape, 0, shape[1]).ravel()

    def window(self, stream: int, shape: tuple[int, int], first: int, stop: int) -> np.ndarray:
        """The columns first to stop."""
        rank = _ranks(self.words.window(stream, shape, first, stop))
        u = self.words.window(stream + 5, shape, first, stop)
        return (((rank << np.uint64(32)) + u) // np.uint64(shape[0])).astype(np.uint32)


def _plain(condition: Condition, draw: _Spread, samples: int) -> _Entries:
    """Plain samples, some features at a time where the distribution can."""
    distribution = lookup.load("data", condition.data.name)
    if not hasattr(distribution, "part"):
        return _entries(distribution.sample(condition, draw, samples))
    return _beside(
        [
            _entries(distribution.part(condition, draw, samples, first, stop), first)
            for first, stop in _windows(condition.n_features, samples)
        ]
    )


def _ranks(words: np.ndarray) -> np.ndarray:
    """The rank of each uint32 within its column [sample], uint64, equal ones in their order."""
    place = np.arange(len(words), dtype=np.uint64)
    # Word and place in one number: no two are equal, and numbers sort faster than their places do.
    keyed = np.sort((words.T.astype(np.uint64) << np.uint64(32)) | place, axis=1)
    rank = np.empty_like(keyed)
    np.put_along_axis(rank, (keyed & np.uint64(2**32 - 1)).astype(np.intp), place[None], axis=1)
    return rank.T


def _count_chances(p: np.ndarray) -> np.ndarray:
    """P(count of active units = k), [k]: Poisson-binomial."""
    row = np.zeros(len(p) + 1)
    row[0] = 1
    for one in p[::-1]:
        row[1:] = (1 - one) * row[1:] + one * row[:-1]
        row[0] = (1 - one) * row[0]
    return row


def _suffix_counts(p: np.ndarray, most: int) -> np.ndarray:
    """P(count of active units among u, u + 1, ... = k), [unit + 1, k], k to `most`: backwards."""
    table = np.zeros((len(p) + 1, most + 1))
    table[-1, 0] = 1
    for u in range(len(p) - 1, -1, -1):
        table[u] = (1 - p[u]) * table[u + 1]
        table[u, 1:] += p[u] * table[u + 1, :-1]
    return table


def _stratum(condition: Condition, tables: np.ndarray, count: int, draw: _Words) -> _Entries:
    """The samples given that exactly `count` units are on, some at a time."""
    distribution = lookup.load("data", condition.data.name)
    p, samples = distribution.units(condition), draw.samples
    # One spread column decides the first unit that is on, so that a single one is shared out evenly.
    u = _Spread(draw)(0, samples) * 2.0**-32 * tables[0, count]
    first_off = np.r_[1, np.cumprod(1 - p[:-1])]
    chance = np.cumsum(first_off * p * tables[1:, count - 1]) if count else np.zeros(len(p))
    unit = np.minimum(np.searchsorted(chance, u, side="right"), len(p) - 1)
    parts = []
    for first, stop in _windows(samples, condition.n_features):
        own = draw if stop - first == samples else replace(draw, rows=(first, stop))
        on = np.zeros((stop - first, len(p)), bool)
        on[np.arange(stop - first), unit[first:stop]] = count > 0
        words = own(1, on.size).reshape(on.shape)
        _turn_on(p, tables, count, unit[first:stop], words, on)
        parts.append(_entries(distribution.fill(condition, on, replace(own, shift=draw.shift + 2))))
    return _evened(_below(parts), condition.n_features, draw(9, samples))


@numba.njit(cache=True)
def _turn_on(p, tables, count, first, words, on):
    """Turn on `count` units of each sample, of which `first` [sample] is the first and is on."""
    for s in range(len(on)):
        left = count - 1
        for unit in range(first[s] + 1, len(p)):
            if left > 0:
                joint = p[unit] * tables[unit + 1, left - 1]
                if words[s, unit] * 2.0**-32 * tables[unit, left] < joint:
                    on[s, unit] = True
                    left -= 1


def _evened(entries: _Entries, n_features: int, words: np.ndarray) -> _Entries:
    """The same samples, each feature's active values replaced by as many evenly spread ones."""
    feature, value = entries.feature, entries.value
    size = np.bincount(feature, minlength=n_features)
    signed = np.bincount(feature[value < 0], minlength=n_features) > 0
    begin = size.cumsum() - size

    def place(order: np.ndarray) -> np.ndarray:
        """Each entry's place among its feature's, which stand together in that order."""
        places = np.empty(len(order), np.int64)
        places[order] = np.arange(len(order)) - begin[feature[order]]
        return places

    rank = place(np.lexsort((value, feature)))
    word = words[place(np.argsort(feature, kind="stable"))]
    u = (rank + word * 2.0**-32) / np.maximum(size, 1)[feature]
    low = np.where(signed, -1.0, 0.0)[feature]
    evened = (low + (1 - low) * u).astype(np.float32)
    return _nonzero(replace(entries, value=evened))


def _nonzero(entries: _Entries) -> _Entries:
    """The same without entries that are 0 after all."""
    if (entries.value != 0).all():
        return entries
    kept = entries.value != 0
    sample = np.repeat(np.arange(len(entries.count)), entries.count)[kept]
    count = np.bincount(sample, minlength=len(entries.count))
    return _Entries(count, entries.feature[kept], entries.value[kept])
