"""Which conditions the kernels support, and which path trains a condition.

A path is chosen by estimated cost, never by a measurement: a run then has the same bytes on every
machine. Whether a stored run is reused depends on the path chosen, not on the code in this file.
"""

from collections.abc import Hashable

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics import kernel_codes
from superpos.training.kernels import laws
from superpos.training.kernels.kernel_job import KernelJob, gate_densities, kernel_job
from superpos.training.kernels.philox_lanes import TILE

COMPACT_BELOW = 0.9
"""The share of non-empty samples below which only those are drawn.

Above it all samples are drawn, from the same words as in the reference engine.
"""
SPLIT_ABOVE = 0.2
"""The share of samples with one feature on, among non-empty ones, above which they are split off."""
SPLIT_FROM_SAMPLES = 100
"""The number of samples with one feature on, in a batch, above which counting them pays."""
SPLIT_BELOW_FEATURES = 32
"""The number of features below which the samples with one feature on are counted by feature."""
MASKED_FROM_FEATURES = 32
"""The number of features from which a model with a hidden ReLU skips inputs and deltas that are 0."""
WIDE_FROM_FEATURES = 64
"""The number of features from which visiting only what is neither 0 nor linear pays."""


def supports(condition: Condition) -> bool:
    """Whether the kernels support the condition's model, distribution, gradient and batch.

    They support every model with a bias, but a batch of the whole training set, and fresh samples of unit
    norm, only for the tied ReLU output model. If there is weight decay, it acts on the bias too.
    """
    v, data = lookup.load("model", condition.model).VARIANT, condition.data
    if not (v.bias and condition.optimizer.decay_bias):
        return False
    plain = v.tied and v.relu_output and not (v.relu_hidden or v.absolute_target)
    kernel = getattr(lookup.load("data", data.name), "KERNEL", None)
    if condition.batch == "all":
        return bool(plain)
    if data.training_samples is None and data.unit_norm:
        p = condition.densities()
        return bool(plain and kernel == kernel_codes.FEATURES and (p == p[0]).all())
    drawn = data.training_samples is not None or kernel is not None
    return drawn and (condition.gradient == "minibatch" or _control_variate_fits(condition))


def _control_variate_fits(condition: Condition) -> bool:
    """Whether the control variate's kernel fits: one density, one importance and whole tiles."""
    p, importance = condition.densities(), condition.importances()
    equal = (p == p[0]).all() and (importance == importance[0]).all()
    return bool(equal and not condition.data.signed and condition.samples_per_step % TILE == 0)


def path(condition: Condition) -> str:
    """The path that trains a condition."""
    job = kernel_job(condition)
    # Thousands of conditions may share a form. Importance matters to the choice only for wide models.
    importance = repr(condition.importance) if job.n_features >= WIDE_FROM_FEATURES else ""
    form = job, condition.data.name, repr(condition.density), importance
    if form not in _KNOWN:
        _KNOWN[form] = choose(job, gate_densities(job, condition), condition.importances())
    return _KNOWN[form]


_KNOWN: dict[Hashable, str] = {}
"""The paths of conditions, by their form."""


def path_module(path: str) -> str:
    """The module of a path."""
    return f"superpos.training.kernels.paths.{path}"


def choose(job: KernelJob, p: np.ndarray, importance: np.ndarray) -> str:
    """The path of a run whose gates have the densities p [unit]: the first whose estimated cost is low."""
    if job.controlled:
        return "controlled"
    if job.kernel_code == kernel_codes.WHOLE_SET:
        return "whole_set"
    if job.kernel_code == kernel_codes.UNIT_NORM:
        return "unit_norm"
    if _splitting_pays(job, p):
        return "split"
    compact = laws.at_least_chances(p)[1, 0] < COMPACT_BELOW
    if job.relu_hidden and job.n_features >= MASKED_FROM_FEATURES:
        return "masked_compact" if compact else "masked"
    # With few features on, y has few terms, and G = W W^T or a compact batch is cheaper.
    if _sums_in_closed_form(job, importance) and p.sum() > 0.5 * job.n_hidden:
        return "wide"
    if _gram_pays(job, p):
        return "gram"
    return "compact" if compact else "dense"


def _splitting_pays(job: KernelJob, p: np.ndarray) -> bool:
    """Whether many samples have exactly one feature on, and few enough features to count each separately."""
    if (
        job.kernel_code != kernel_codes.FEATURES
        or job.absolute_target
        or job.signed
        or len(p) >= SPLIT_BELOW_FEATURES
    ):
        return False
    alone, filled = laws.alone_chances(p).sum(), laws.at_least_chances(p)[1, 0]
    return bool(alone > SPLIT_ABOVE * filled and job.batch * alone > SPLIT_FROM_SAMPLES)


def _gram_pays(job: KernelJob, p: np.ndarray) -> bool:
    """Whether two rows of W W^T for each active entry cost less than five products with W."""
    n, m = job.n_features, job.n_hidden
    entries = p.sum() * (n / 2 + 12) + n
    suits = job.kernel_code == kernel_codes.FEATURES and job.tied and not job.relu_hidden
    return bool(suits and n >= 16 and entries + n * n * m / (2 * job.batch) < 5 / 8 * n * m)


def _sums_in_closed_form(job: KernelJob, importance: np.ndarray) -> bool:
    """Whether the model is wide and tied with equal importances, so that steady outputs need only matrix
    sums."""
    suits = job.tied and job.relu_output and not (job.relu_hidden or job.absolute_target)
    wide = job.n_features >= WIDE_FROM_FEATURES and job.n_features > 2 * job.n_hidden
    alike = job.kernel_code == kernel_codes.FEATURES and (importance == importance[0]).all()
    return bool(suits and wide and alike and job.batch % 4 == 0)
