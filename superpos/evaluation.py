"""Held-out samples, drawn once for each distribution, and the loss on them.

A set has two halves that share no sample: `pick` chooses the best of k, `report` gives its loss.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import numba
import numpy as np

from superpos import philox, plugins
from superpos.condition import Condition, digest64
from superpos.data import Draw
from superpos.models import Variant

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
    sample, feature = np.nonzero(x)
    start = np.r_[0, np.bincount(sample, minlength=len(x)).cumsum()].astype(np.int64)
    return Samples(start, feature.astype(np.uint16), x[sample, feature], weight)


def _shifted(draw: Draw, by: int) -> Draw:
    return lambda stream, count: draw(stream + by, count)


def _spread(draw: Draw, samples: int) -> Draw:
    """Words of which each column [sample] is spread evenly over the 2^32: (rank + u) / samples."""

    def spread(stream: int, count: int) -> np.ndarray:
        words = draw(stream, count).reshape(samples, -1)
        rank = words.argsort(axis=0, kind="stable").argsort(axis=0).astype(np.uint64)
        u = draw(stream + 5, count).reshape(samples, -1).astype(np.uint64)
        return (((rank << np.uint64(32)) + u) // np.uint64(samples)).astype(np.uint32).ravel()

    return spread


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
    left, u = count - on.sum(axis=1), draw(1, samples * len(p)).reshape(samples, -1) * 2.0**-32
    for later in range(len(p)):
        joint = (
            p[later] * tables[later + 1][np.maximum(left - 1, 0)] * ((left > 0) & (later > unit))
        )
        on[:, later] |= u[:, later] * tables[later][left] < joint
        left = left - (on[:, later] & (later > unit))
    return _evened(distribution.fill(condition, on, _shifted(draw, 2)), draw(9, samples))


def _evened(x: np.ndarray, words: np.ndarray) -> np.ndarray:
    """The same samples, each feature's active values replaced by as many evenly spread ones."""
    for column in x.T:
        active = np.flatnonzero(column)
        low = -1.0 if (column < 0).any() else 0.0
        rank = column[active].argsort(kind="stable").argsort()
        u = (rank + words[: len(active)] * 2.0**-32) / max(len(active), 1)
        column[active] = low + (1 - low) * u
    return x


def feature_losses(
    variant: Variant,
    W: np.ndarray,
    W_out: np.ndarray | None,
    b: np.ndarray,
    importance: np.ndarray,
    samples: Samples,
) -> np.ndarray:
    """I_i E (x_i - x'_i)^2 [run, feature], float64, of W, W_out [run, feature, hidden], b [run, feature].

    Every sum has a fixed order: samples one after the other, hidden units one after the other.
    """
    out = W if W_out is None else W_out
    return importance * _squared_errors(
        W.astype(np.float64),
        np.ascontiguousarray(out.transpose(0, 2, 1), np.float64),
        b.astype(np.float64),
        *(samples.start, samples.feature, samples.value.astype(np.float64), samples.weight),
        *(variant.relu_hidden, variant.relu_output, variant.absolute_target),
    )


@numba.njit(parallel=True, cache=True)
def _squared_errors(
    W, out, b, start, feature, value, weight, relu_hidden, relu_output, absolute_target
):
    """sum_s weight_s (x_i - x'_i)^2 [run, feature]; W [run, feature, hidden], out [run, hidden, feature]."""
    runs, n_features, n_hidden = W.shape
    total = np.zeros((runs, n_features))
    for run in numba.prange(runs):
        h, y = np.empty(n_hidden), np.empty(n_features)
        for s in range(len(weight)):
            h[:] = 0.0
            for entry in range(start[s], start[s + 1]):
                i, x = feature[entry], value[entry]
                for k in range(n_hidden):
                    h[k] += x * W[run, i, k]
            y[:] = b[run]
            for k in range(n_hidden):
                if relu_hidden and h[k] < 0.0:
                    continue
                hk = h[k]
                for j in range(n_features):
                    y[j] += hk * out[run, k, j]
            if relu_output:
                for j in range(n_features):
                    y[j] = max(y[j], 0.0)
            for entry in range(start[s], start[s + 1]):
                y[feature[entry]] -= abs(value[entry]) if absolute_target else value[entry]
            w = weight[s]
            for j in range(n_features):
                total[run, j] += w * (y[j] * y[j])
    return total
