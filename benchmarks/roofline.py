"""The shortest time that the fused engine could take.

Each path needs at least some number of products and of random words. Their speed is that of the dense
kernel and of the Philox generator, measured in this run.
"""

import functools
import math
import time

import numba
import numpy as np

from superpos.config.condition import Condition
from superpos.numerics import simd as v
from superpos.numerics.philox import ROUNDS
from superpos.training.kernels import choice, laws, products, wide_draw
from superpos.training.kernels.kernel_job import KernelJob, kernel_job
from superpos.training.kernels.philox_lanes import round_keys, store_words, words32

BLOCKS = 200


@numba.njit(nogil=True)
def _multiply(times, A, P, out, n, m):
    a, p, o = v.pointer(A), v.pointer(P), v.pointer(out)
    for _ in range(times):
        products.combine(a, p, 0, m, 1, n, m, o)


@numba.njit(nogil=True)
def _draw(times, keys, out):
    round_keys(np.uint64(1), keys)
    k, o = v.pointer(keys), v.pointer(out)
    for i in range(times):
        store_words(o, 0, words32(k, 1, 1, 0, i, 1))


def _best(work, count: int) -> float:  # type: ignore[no-untyped-def]
    """The seconds per unit of `work`, from the best of 60 short timings."""
    work()
    found = math.inf
    for _ in range(60):
        start = time.perf_counter()
        work()
        found = min(found, time.perf_counter() - start)
    return found / count


@functools.cache
def rates() -> tuple[float, float]:
    """The seconds per fused multiply-add in the dense kernel, and per Philox word, on one thread."""
    n, m = 80, 20
    A, out = (np.ones(n * 32, np.float32) for _ in range(2))
    P = np.ones(n * m, np.float32)
    keys, words = np.zeros(2 * ROUNDS, np.uint64), np.zeros(32, np.uint32)
    multiply = _best(lambda: _multiply(BLOCKS, A, P, out, n, m), BLOCKS * n * m * 32)
    draw = _best(lambda: _draw(BLOCKS, keys, words), BLOCKS * 32)
    print(
        f"one thread: {2e-9 / multiply:.1f} GFLOP/s in the dense kernel, {1e9 * draw:.2f} ns per random word"
    )
    return multiply, draw


def fewest_seconds(conditions: list[Condition], threads: int) -> float:
    """The fewest seconds that a step of one model can take, averaged over the conditions of a sweep."""
    return sum(_seconds(c) for c in conditions) / len(conditions) / threads


def _seconds(condition: Condition) -> float:
    job = kernel_job(condition)
    p = condition.densities()
    path = choice.choose(job, p, condition.importances())
    products, words = WORK[path](job, p)
    multiply, draw = rates()
    return products * multiply + words * draw


def _dense_work(job: KernelJob, p: np.ndarray) -> tuple[float, float]:
    """Products and words of a step: five products with W, and a word for each entry of x."""
    return _of_samples(job, job.batch)


def _of_samples(job: KernelJob, samples: float) -> tuple[float, float]:
    entries = samples * job.n_features
    return entries * job.n_hidden * 5, entries


def _compact_work(job: KernelJob, p: np.ndarray) -> tuple[float, float]:
    """The same, but only for samples that are not empty."""
    return _of_samples(job, job.batch * laws.at_least_chances(p)[1, 0])


def _split_work(job: KernelJob, p: np.ndarray) -> tuple[float, float]:
    """The same, but only for samples with two or more active features.

    A sample with one active feature needs a word and twice a row of features.
    """
    products, words = _of_samples(job, job.batch * laws.at_least_chances(p)[2, 0])
    alone = job.batch * laws.alone_chances(p).sum()
    return products + 2 * alone * job.n_features, words + alone


def _wide_work(job: KernelJob, p: np.ndarray) -> tuple[float, float]:
    """y for every entry, and h and dW for the active entries only.

    The closed form takes two products of all pairs of hidden units for each feature and each sample.
    How many deltas remain varies, so none is counted. Each entry takes a word; at low densities it
    takes a quarter of one, and each active entry takes another.
    """
    n, m, active = job.n_features, job.n_hidden, job.batch * p.sum()
    entries = job.batch * n
    words = entries / 4 + active if p.max() <= wide_draw.BYTES_BELOW_DENSITY else entries
    return (entries + 2 * active + 2 * (n + job.batch) * m) * m, words


def _masked_work(job: KernelJob, p: np.ndarray) -> tuple[float, float]:
    """y for every entry, and h and dW for the active ones only. No delta is counted: their number varies."""
    compact = laws.at_least_chances(p)[1, 0]
    entries = job.batch * job.n_features * (compact if compact < choice.COMPACT_BELOW else 1)
    return (entries + 2 * job.batch * p.sum()) * job.n_hidden, entries


def _gram_work(job: KernelJob, p: np.ndarray) -> tuple[float, float]:
    """W W^T, (C + C^T) W, and two rows of features and two words for each active entry."""
    n, m, active = job.n_features, job.n_hidden, job.batch * p.sum()
    return 2 * n * n * m + 2 * active * n, 2 * active


WORK = {
    "dense": _dense_work, "compact": _compact_work, "split": _split_work, "wide": _wide_work,
    "masked": _masked_work, "masked_compact": _masked_work, "gram": _gram_work,
}  # fmt: skip
"""The fewest products and random words that a step of one model needs, for each path."""
