"""Held-out samples, drawn once for each distribution.

A set has two halves that share no sample: `pick` chooses the best of k, `report` gives its loss.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from superpos import philox, plugins
from superpos.compiled import numba
from superpos.condition import Condition, digest64
from superpos.data import Draw

HALVES = ("pick", "report")
NEGLIGIBLE = 1e-9
"""Counts of active units whose tail is less likely than this have no stratum."""


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
    leaves the expectation and takes most of the noise.
    """

    def draw(stream: int, count: int) -> np.ndarray:
        return philox.words(key, philox.EVALUATION, half, stream, count)

    distribution = plugins.load("data", condition.data.name)
    if strata == 0:
        x = distribution.sample(condition, _spread(draw, samples), samples)
        return sparse(x, np.full(samples, 1 / samples))
    if not hasattr(distribution, "units"):
        raise ValueError(
            f"evaluation.strata: data {condition.data.name!r} has no independent units to count; "
            "set strata: 0"
        )
    parts, weights = [], []
    tables = _suffix_counts(distribution.units(condition))
    for count in np.flatnonzero(tables[0][::-1].cumsum()[::-1] > NEGLIGIBLE).tolist():
        size = 1 if count == 0 else strata
        # Streams of different strata must not meet: ten for each.
        parts.append(_stratum(condition, tables, count, size, _shifted(draw, 10 * count)))
        weights.append(np.full(size, tables[0][count] / size))
    return sparse(np.concatenate(parts), np.concatenate(weights))


def sparse_arrays(x: np.ndarray) -> dict[str, np.ndarray]:
    """x [sample, feature] as the arrays of a file."""
    return asdict(sparse(x, np.full(len(x), 1 / len(x))))


def dense_array(arrays: Mapping[str, np.ndarray], n_features: int) -> np.ndarray:
    """x [sample, feature] from the arrays of a file."""
    return Samples(**arrays).dense(n_features)


def by_distribution(arrays: Mapping[str, np.ndarray]) -> dict[tuple[str, str], Samples]:
    """Samples by (half, distribution) from arrays named half.distribution.part."""
    parts: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        half, distribution, part = name.split(".")
        parts.setdefault((half, distribution), {})[part] = array
    return {key: Samples(**named) for key, named in parts.items()}


def sparse(x: np.ndarray, weight: np.ndarray) -> Samples:
    """Samples from dense x [sample, feature]."""
    sample, feature = np.nonzero(x != 0)
    start = np.r_[0, np.bincount(sample, minlength=len(x)).cumsum()].astype(np.int64)
    return Samples(start, feature.astype(np.uint16), x[sample, feature], weight)


def _shifted(draw: Draw, by: int) -> Draw:
    return lambda stream, count: draw(stream + by, count)


def _spread(draw: Draw, samples: int) -> Draw:
    """Words of which each column [sample] is spread evenly over the 2^32: (rank + u) / samples."""

    def spread(stream: int, count: int) -> np.ndarray:
        rank = _ranks(draw(stream, count).reshape(samples, -1))
        u = draw(stream + 5, count).reshape(samples, -1)
        return (((rank << np.uint64(32)) + u) // np.uint64(samples)).astype(np.uint32).ravel()

    return spread


def _ranks(words: np.ndarray) -> np.ndarray:
    """The rank of each uint32 within its column [sample], uint64, equal ones in their order."""
    place = np.arange(len(words), dtype=np.uint64)
    # Word and place in one number: no two are equal, and numbers sort faster than their places do.
    keyed = np.sort((words.T.astype(np.uint64) << np.uint64(32)) | place, axis=1)
    rank = np.empty_like(keyed)
    np.put_along_axis(rank, (keyed & np.uint64(2**32 - 1)).astype(np.intp), place[None], axis=1)
    return rank.T


def _suffix_counts(p: np.ndarray) -> np.ndarray:
    """P(count of active units among u, u + 1, ... = k), [unit + 1, k]: Poisson-binomial, backwards."""
    table = np.zeros((len(p) + 1, len(p) + 1))
    table[-1, 0] = 1
    for u in range(len(p) - 1, -1, -1):
        table[u] = (1 - p[u]) * table[u + 1]
        table[u, 1:] += p[u] * table[u + 1, :-1]
    return table


def _stratum(
    condition: Condition, tables: np.ndarray, count: int, samples: int, draw: Draw
) -> np.ndarray:
    """x [sample, feature] given that exactly `count` units are on."""
    distribution = plugins.load("data", condition.data.name)
    p = distribution.units(condition)
    # One spread column decides the first unit that is on, so that a single one is shared out evenly.
    u = _spread(draw, samples)(0, samples) * 2.0**-32 * tables[0, count]
    first_off = np.r_[1, np.cumprod(1 - p[:-1])]
    first = np.cumsum(first_off * p * tables[1:, count - 1]) if count else np.zeros(len(p))
    unit = np.minimum(np.searchsorted(first, u, side="right"), len(p) - 1)
    on = np.zeros((samples, len(p)), bool)
    on[np.arange(samples), unit] = count > 0
    _turn_on(p, tables, count, unit, draw(1, samples * len(p)).reshape(samples, -1), on)
    return _evened(distribution.fill(condition, on, _shifted(draw, 2)), draw(9, samples))


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


def _evened(x: np.ndarray, words: np.ndarray) -> np.ndarray:
    """The same samples, each feature's active values replaced by as many evenly spread ones."""
    columns = np.ascontiguousarray(x.T)
    for column in columns:
        active = np.flatnonzero(column != 0)
        rank = np.empty(len(active))
        rank[column[active].argsort(kind="stable")] = np.arange(len(active))
        low = -1.0 if (column < 0).any() else 0.0
        u = (rank + words[: len(active)] * 2.0**-32) / max(len(active), 1)
        column[active] = low + (1 - low) * u
    return columns.T
