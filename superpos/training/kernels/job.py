"""What all runs of a training job share, as plain numbers that a kernel can read."""

from typing import NamedTuple

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics import kernel_codes


class Job(NamedTuple):
    """Shapes, model variant, feature distribution and optimizer of a job."""

    n_features: int
    n_hidden: int
    batch: int
    steps: int
    tied: bool
    relu_hidden: bool
    relu_output: bool
    absolute_target: bool
    law: int
    units: int
    signed: bool
    controlled: bool
    beta1: float
    beta2: float
    eps: float


def of(condition: Condition) -> Job:
    """The job that a condition belongs to."""
    data, optimizer = condition.data, condition.optimizer
    variant = lookup.load("model", condition.model).VARIANT
    finite = data.training_samples is not None
    law = kernel_codes.ROWS if finite else lookup.load("data", data.name).KERNEL
    features = condition.n_features
    units = {kernel_codes.FEATURES: features, kernel_codes.ROWS: 1}.get(law, data.sets or 1)
    return Job(
        features, condition.n_hidden, condition.batch, condition.steps,
        variant.tied, variant.relu_hidden, variant.relu_output, variant.absolute_target,
        law, units, data.signed, condition.gradient == "control_variate", *optimizer.betas, optimizer.eps,
    )  # fmt: skip


def size(job: Job) -> int:
    """Numbers that a run's parameters take: W, then W_out if untied, then b, up to whole vectors.

    A vector more, for kernels that load the last row of W beyond its end.
    """
    matrices = 1 if job.tied else 2
    return -(-(matrices * job.n_features * job.n_hidden + job.n_features) // 8) * 8 + 8
