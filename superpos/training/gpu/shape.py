"""What determines a GPU kernel's code: the form of its runs, and the layout of its programs.

Everything here is a function of the condition alone and nothing is tuned by a measurement, because
the order of the sums, and with it the bytes of a run, follows from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from superpos.config.condition import Condition
from superpos.numerics import kernel_codes
from superpos.training.kernels import laws
from superpos.training.kernels.kernel_job import KernelJob, kernel_code

if TYPE_CHECKING:
    from jaxtyping import Float

LANES_UP_TO = 100
"""The largest n m whose weights `lanes` keeps in registers."""
MOST_FEATURES, MOST_HIDDEN, MOST_SAMPLES = 4096, 64, 1 << 20
"""The largest model, and the largest batch, that has a kernel."""
ROWS = ((256, 16), (0, 4))
"""For `tile`: the smallest batch, and how many samples of each quarter a program then takes."""
BLOCK = 32
"""For `tile`: how many features a program takes at once."""
FILLED_BELOW = 0.9
"""The share of samples that are not empty below which only those are drawn."""
FILLED_FROM = 256
"""The batch from which leaving out empty samples pays; a warp takes 128 samples at a time."""


@dataclass(frozen=True)
class Shape:
    """The compile-time constants of a kernel. Triton's cache identifies a kernel by their repr.

    n, m: features and hidden units; law: a code of `superpos.numerics.kernel_codes`; units: gates of
    a sample; sets: the sets that ONE_SET chooses from; filled: whether only samples with a unit on
    are drawn; outcomes: the length of the table of their number; matrices: weight matrices [n, m];
    size: parameters, the matrices and then b; new1, new2: 1 - beta1, 1 - beta2.

    kernel: the kernel's file; warps: of a program; rows: how many samples of each quarter of a batch
    are taken at once; in_quarters: whether the four words of a block belong to one column, a quarter
    of the samples apart; whole: whether every place of a step holds a sample. For `lanes`, lanes: the
    length of a vector that holds the parameters. For `tile`, N, M: a tile's columns of features and of
    hidden units; columns: those of all blocks of features; parts: the programs that share a batch;
    programs: these and that of a control variate.
    """

    n: int
    m: int
    batch: int
    law: int
    units: int
    sets: int
    signed: bool
    tied: bool
    relu_hidden: bool
    relu_output: bool
    absolute_target: bool
    controlled: bool
    filled: bool
    outcomes: int
    matrices: int
    size: int
    new1: float
    new2: float
    eps: float
    kernel: str
    warps: int
    rows: int
    in_quarters: bool
    whole: bool
    lanes: int = 0
    N: int = 0
    M: int = 0
    columns: int = 0
    parts: int = 0
    programs: int = 0


def power_of_two(count: float) -> int:
    """The smallest power of two that is not below count."""
    return 1 << max(math.ceil(count) - 1, 0).bit_length()


def fits(condition: Condition) -> bool:
    """Whether a GPU kernel exists for a condition that the fused engine has a kernel for."""
    n, m, batch = condition.n_features, condition.n_hidden, condition.samples_per_step
    small = n <= MOST_FEATURES and m <= MOST_HIDDEN and batch <= MOST_SAMPLES
    return small and kernel_code(condition) not in (kernel_codes.WHOLE_SET, kernel_codes.UNIT_NORM)


def draws_filled(job: KernelJob, p: Float[np.ndarray, " unit"]) -> bool:
    """Whether only samples with one of the units of densities p [unit] on are drawn."""
    few = laws.at_least_chances(p)[1, 0] < FILLED_BELOW
    return bool(few and not job.controlled and job.batch >= FILLED_FROM)


def kernel(job: KernelJob) -> str:
    """The kernel that trains a job: lanes or tile."""
    small = job.n_features * job.n_hidden <= LANES_UP_TO and not job.controlled
    return "lanes" if small else "tile"


def shape(job: KernelJob, filled: bool) -> Shape:
    """The shape of the kernel that trains a job; `filled` says whether empty samples are left out."""
    batch, name, code = job.batch, kernel(job), job.kernel_code
    matrices = 1 if job.tied else 2
    size = matrices * job.n_features * job.n_hidden + job.n_features
    one_gate = code in (kernel_codes.ONE_SET, kernel_codes.ROWS)
    layout: dict[str, int] = _lanes(size) if name == "lanes" else _tile(job)
    return Shape(
        job.n_features, job.n_hidden, batch, code, 1 if one_gate else job.units, job.units, job.signed,
        job.tied, job.relu_hidden, job.relu_output, job.absolute_target, job.controlled, filled,
        outcomes(batch) if filled else 1, matrices, size, 1 - job.beta1, 1 - job.beta2, job.eps, name,
        in_quarters=filled or batch % 4 == 0,
        whole=not filled and batch % (4 * layout["rows"]) == 0,
        **layout,
    )  # fmt: skip


def _lanes(size: int) -> dict[str, int]:
    """The layout of the programs of the `lanes` kernel: one warp, which takes 128 samples at a time."""
    return {"warps": 1, "rows": 32, "lanes": max(32, power_of_two(size))}


def _tile(job: KernelJob) -> dict[str, int]:
    """The layout of the programs of the `tile` kernel."""
    rows = next(rows for least, rows in ROWS if job.batch >= least)
    parts = -(-job.batch // (4 * rows))
    return {
        "warps": 4, "rows": rows, "N": BLOCK, "M": max(16, power_of_two(job.n_hidden)),
        "columns": BLOCK * -(-job.n_features // BLOCK), "parts": parts, "programs": parts + job.controlled,
    }  # fmt: skip


def outcomes(batch: int) -> int:
    """The length of a table that holds all likely numbers of filled samples in a batch.

    The standard deviation is at most sqrt(batch) / 2, and eight of them on each side leave out 2^-50 of
    the probability; the constant covers the longer tails of small numbers.
    """
    return power_of_two(min(batch + 2, 8.3 * math.sqrt(batch) + 32))


def updates(shape: Shape) -> int:
    """How many programs of `tile.update` share a run's parameters and its loss."""
    return -(-(shape.size + 1) // 1024)
