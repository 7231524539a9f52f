"""What all runs of a training job have in common, as numbers that a kernel can read."""

from typing import NamedTuple

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics import kernel_codes


class KernelJob(NamedTuple):
    """The shapes, model variant, feature distribution and optimizer of a job."""

    n_features: int
    n_hidden: int
    batch: int
    steps: int
    tied: bool
    relu_hidden: bool
    relu_output: bool
    absolute_target: bool
    kernel_code: int
    units: int
    signed: bool
    controlled: bool
    beta1: float
    beta2: float
    eps: float


def kernel_job(condition: Condition) -> KernelJob:
    """The `KernelJob` that describes a condition."""
    data, optimizer = condition.data, condition.optimizer
    variant = lookup.load("model", condition.model).VARIANT
    code = kernel_code(condition)
    features = condition.n_features
    units = {
        kernel_codes.FEATURES: features, kernel_codes.UNIT_NORM: features, kernel_codes.ROWS: 1,
        kernel_codes.WHOLE_SET: 1,
    }.get(code, data.sets or 1)  # fmt: skip
    return KernelJob(
        features, condition.n_hidden, condition.samples_per_step, condition.steps,
        variant.tied, variant.relu_hidden, variant.relu_output, variant.absolute_target,
        code, units, data.signed, condition.gradient == "control_variate",
        *optimizer.betas, optimizer.eps,
    )  # fmt: skip


def kernel_code(condition: Condition) -> int:
    """How the kernels draw the samples of a step: a code of `superpos.numerics.kernel_codes`."""
    if condition.batch == "all":
        return kernel_codes.WHOLE_SET
    if condition.data.training_samples is not None:
        return kernel_codes.ROWS
    if condition.data.unit_norm:
        return kernel_codes.UNIT_NORM
    code: int = lookup.load("data", condition.data.name).KERNEL
    return code


def parameter_count(job: KernelJob) -> int:
    """The length of a run's parameter vector: W, then W_out if untied, then b, and padding.

    They are padded to whole vectors, plus one vector for kernels that load beyond the last row of W.
    """
    matrices = 1 if job.tied else 2
    return -(-(matrices * job.n_features * job.n_hidden + job.n_features) // 8) * 8 + 8


def gate_densities(job: KernelJob, condition: Condition) -> np.ndarray:
    """The densities p [unit] of the units, which are on independently of one another."""
    if job.kernel_code in (kernel_codes.ROWS, kernel_codes.WHOLE_SET):
        return np.ones(1)
    data = lookup.load("data", condition.data.name)
    return (
        data.gates(condition) if job.kernel_code == kernel_codes.ONE_SET else data.units(condition)
    )


def unpack(job: KernelJob, P: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Split flat parameters [..., parameter] into W, W_out (None if tied) and b."""
    n, m, count = job.n_features, job.n_hidden, 1 if job.tied else 2
    matrices = P[..., : count * n * m].reshape(*P.shape[:-1], count, n, m)
    b = P[..., count * n * m :][..., :n].copy()
    W_out = None if job.tied else matrices[..., 1, :, :].copy()
    return matrices[..., 0, :, :].copy(), W_out, b
