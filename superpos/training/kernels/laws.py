"""How the kernels draw a minibatch: how units are turned on, and which samples need not be drawn.

A unit is a feature, or a set of features (`superpos.numerics.kernel_codes`). In sparse batches most
samples are empty or have one unit on, so a law may split the batch: first the number of samples in
each class is drawn (`counts`), then the samples of each class, given what the class says about
them. The samples then come in a different order, which does not change the distribution of any sum
over them.
"""

from typing import Any, NamedTuple

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.training.kernels import counts


class MinibatchLaw(NamedTuple):
    """How batches with one density vector are drawn: gates, arrays [unit], and classes of samples.

    A random word w turns unit u on if w <= limit[u]; then w // 2 x scale[u] is uniform in [0, 1]. If it
    is known that a sample has at least one, or two, units on in the end, `none_limit` and `none_scale`
    replace them while no unit is on yet, `one_limit` and `one_scale` while exactly one is.

    share [class] is P(a sample is in this class, given that it is in no earlier one); peak [class, batch
    + 1] is the binomial probability of the mode, by the number of samples that are left. The first
    class's samples go through the gates; in the samples of each other class one unit is on. If there are
    no classes, all samples go through the gates.
    """

    limit: np.ndarray
    scale: np.ndarray
    one_limit: np.ndarray
    one_scale: np.ndarray
    none_limit: np.ndarray
    none_scale: np.ndarray
    share: np.ndarray
    peak: np.ndarray


class UnitGates(NamedTuple):
    """A MinibatchLaw's gates as pointers; `compact` says whether empty samples are left out."""

    limit: Any
    scale: Any
    one_limit: Any
    one_scale: Any
    none_limit: Any
    none_scale: Any
    compact: bool


class SampleClasses(NamedTuple):
    """A MinibatchLaw's classes as pointers: their number; share [class]; peak [class, batch + 1]."""

    number: int
    share: Any
    peak: Any


@part
def classes_of(law, t):
    """The classes of row t in a table of laws."""
    return SampleClasses(law.share.shape[1], v.pointer(law.share[t]), v.pointer(law.peak[t]))


@part
def gates_of(law, t):
    """The gates of row t in a table of laws."""
    return UnitGates(
        v.pointer(law.limit[t]), v.pointer(law.scale[t]), v.pointer(law.one_limit[t]),
        v.pointer(law.one_scale[t]), v.pointer(law.none_limit[t]), v.pointer(law.none_scale[t]),
        law.share.shape[1] > 0,
    )  # fmt: skip


@part
def density(gates, u):
    """The probability p that unit u is on."""
    return (gates.limit[u] + 1.0) * 2.0**-32


def every_sample(p: np.ndarray, batch: int) -> MinibatchLaw:
    """Units are on with probability p [unit]; all samples are drawn."""
    return _law(p, 0, np.empty(0), batch)


def filled_samples(p: np.ndarray, batch: int) -> MinibatchLaw:
    """The same distribution; only the samples with at least one unit on are drawn."""
    return _law(p, 1, at_least_chances(p)[1, :1], batch)


def split_samples(p: np.ndarray, batch: int) -> MinibatchLaw:
    """The same distribution; samples with two or more units on go through the gates.

    The samples in which only unit u is on form one class for each u.
    """
    return _law(p, 2, np.r_[at_least_chances(p)[2, 0], alone_chances(p)], batch)


def _law(p: np.ndarray, fewest: int, chance: np.ndarray, batch: int) -> MinibatchLaw:
    """Make the gates given that at least `fewest` units are on in the end, and the classes' shares.

    Go through the units in order, and let `need` be the number of units still missing at unit u. By
    Bayes, with tail [k, u] = P(k or more of the units u, u + 1, ... are on),

        P(u is on | need or more units from u on are on) = p_u tail [need - 1, u + 1] / tail [need, u],

    which is p_u if none is missing.
    """
    tail = at_least_chances(p)
    gates = []
    # The gates are in the order of the fields: for two or more units on, for one, for none.
    for on in (2, 1, 0):
        need = max(fewest - on, 0)
        wanted = p * tail[max(need - 1, 0), 1:]
        gates += gate(_ratio(wanted, tail[need, :-1]) if need else p)
    # Turn `chance` [class], a share of all samples, into a share of those that are in no earlier class.
    left = 1 - np.r_[0, np.cumsum(chance)[:-1]] if len(chance) else chance
    share = np.minimum(_ratio(chance, left), 1.0)
    return MinibatchLaw(*gates, share, counts.peaks(share, batch))


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, or 1 if b is 0 because nothing is left to share."""
    return np.divide(a, b, out=np.ones(len(a)), where=b > 0)


def at_least_chances(p: np.ndarray) -> np.ndarray:
    """P(k or more of the units u, u + 1, ... are on), [k, u], for k = 0, 1, 2 and one u beyond the last."""
    tail = np.zeros((3, len(p) + 1))
    tail[0] = 1
    for u in range(len(p) - 1, -1, -1):
        tail[1:, u] = p[u] * tail[:-1, u + 1] + (1 - p[u]) * tail[1:, u + 1]
    return tail


def alone_chances(p: np.ndarray) -> np.ndarray:
    """P(unit u is on, and no other), [unit]."""
    off = 1 - p
    before, after = np.cumprod(np.r_[1, off[:-1]]), np.cumprod(np.r_[1, off[:0:-1]])[::-1]
    return p * before * after


def gate(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limit (uint32) and scale (float32) of p: T = round(p 2^32) of the 2^32 words turn a unit on."""
    T = np.maximum(np.rint(p * 2.0**32), 1.0)
    return (T - 1).astype(np.uint32), (2.0 / T).astype(np.float32)
