"""The reference engine: the definition of training, in torch with autograd.

The fused engine shares the initial weights, random keys, schedules and losses, and is tested against
this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.data import drawn
from superpos.models import Variant, forward
from superpos.models.linear import VARIANT as LINEAR
from superpos.numerics import philox
from superpos.numerics.samples import Samples
from superpos.training.progress import Progress, no_progress
from superpos.training.records import FROM_THE_START, Recording, Saved, Trained
from superpos.training.reference_state import State, to_tensor
from superpos.training.start import decay_rate, learning_rates

with lookup.extra("torch"):
    import torch

if TYPE_CHECKING:
    from jaxtyping import Float


def train(
    conditions: Sequence[Condition],
    keys: Sequence[np.uint64],
    recording: Recording,
    training_set: Samples | None = None,
    threads: int = 1,
    saved: Saved = FROM_THE_START,
    report_progress: Progress = no_progress,
) -> Trained:
    """Train run r on conditions[r] with keys[r]; all runs are trained in parallel.

    The conditions may differ in density, importance, learning rate, weight decay and initial std.
    `report_progress` is called with the fraction of the steps that are complete.
    """
    torch.set_num_threads(threads)
    first, runs = conditions[0], list(zip(conditions, keys, strict=True))
    variant: Variant = lookup.load("model", first.model).VARIANT
    state = State(conditions, keys, saved.arrays)
    importance = to_tensor([c.importances() for c in conditions]).float()
    rates = to_tensor([learning_rates(c) for c in conditions])
    decay = to_tensor(np.array([decay_rate(c) for c in conditions], np.float32))
    # b is the last of the parameters.
    decays = [decay] * (len(state.parameters) - 1) + [decay * first.optimizer.decay_bias]
    trained = state.parameters if variant.bias else state.parameters[:-1]
    moments = None if first.gradient == "minibatch" else moments_of_x(conditions)
    rows = None if training_set is None else training_set.dense(first.n_features)
    for step in saved.steps(first.steps, state.arrays):
        x = to_tensor([minibatch(c, key, step, rows) for c, key in runs])
        objective = per_run = loss(variant, state.parameters, x, importance)
        if moments is not None:
            objective = per_run + control_variate(state.parameters, x, importance, *moments)
        gradients = torch.autograd.grad(objective.sum(), trained)
        if step in recording.loss_steps:
            state.record_loss(per_run)
        for p, gradient, adam, rate in zip(trained, gradients, state.adam, decays, strict=False):
            adam_step(first, p, gradient, adam, step, rates[:, step - 1], rate)
        if step in recording.checkpoint_steps:
            state.record_weights()
        report_progress(step / first.steps)
    return state.trained(variant.tied)


def minibatch(
    condition: Condition,
    key: np.uint64,
    step: int,
    training_set: Float[np.ndarray, "row feature"] | None,
) -> Float[np.ndarray, "sample feature"]:
    """The samples x of a step: fresh samples, or all or a uniform choice of rows of the finite training
    set."""
    if training_set is not None and condition.batch == "all":
        return training_set
    draw = philox.word_source(key, philox.BATCH, step)
    if training_set is None:
        return drawn(condition, draw, condition.samples_per_step)
    words = draw(0, condition.samples_per_step).astype(np.uint64)
    rows: np.ndarray = training_set[(words * np.uint64(len(training_set))) >> np.uint64(32)]
    return rows


def loss(
    variant: Variant,
    parameters: Sequence[Float[torch.Tensor, "run ..."]],
    x: Float[torch.Tensor, "run sample feature"],
    importance: Float[torch.Tensor, "run feature"],
) -> Float[torch.Tensor, " run"]:
    """L = mean over samples of sum_i I_i (t_i - x'_i)^2; the target t is x, or |x| (absolute model)."""
    target = x.abs() if variant.absolute_target else x
    W, W_out, b = parameters if len(parameters) == 3 else (parameters[0], *parameters)
    error = target - forward(variant, W, W_out, b, x)
    return (importance[:, None] * error**2).sum(2).mean(1)


def control_variate(
    parameters: Sequence[Float[torch.Tensor, "run ..."]],
    x: Float[torch.Tensor, "run sample feature"],
    importance: Float[torch.Tensor, "run feature"],
    mean: Float[torch.Tensor, "run feature"],
    variance: Float[torch.Tensor, "run feature"],
) -> Float[torch.Tensor, " run"]:
    """Return the expected loss of the linear model with the same W and b, minus its minibatch loss.

    Its expectation is zero, so the gradient stays unbiased; if ReLU seldom acts, it cancels nearly
    all the noise. With B = W W^T - 1 and independent x_i of mean mu_i and variance v_i, the expected
    loss is sum_j I_j (sum_i v_i B_ji^2 + (sum_i mu_i B_ji + b_j)^2).
    """
    W, b = parameters
    B = W @ W.transpose(1, 2) - torch.eye(W.shape[1], device=W.device)
    spread = (B**2 @ variance[..., None])[..., 0] + ((B @ mean[..., None])[..., 0] + b) ** 2
    return (importance * spread).sum(1) - loss(LINEAR, parameters, x, importance)


def moments_of_x(conditions: Sequence[Condition]) -> list[Float[torch.Tensor, "run feature"]]:
    """The mean and the variance of every x_i, [run, feature] each."""
    both = [lookup.load("data", c.data.name).moments(c) for c in conditions]
    return [to_tensor(arrays).float() for arrays in zip(*both, strict=True)]


@torch.no_grad()
def adam_step(
    condition: Condition,
    p: Float[torch.Tensor, " run *axes"],
    gradient: Float[torch.Tensor, " run *axes"],
    moments: tuple[Float[torch.Tensor, " run *axes"], Float[torch.Tensor, " run *axes"]],
    step: int,
    rate: Float[torch.Tensor, " run"],
    decay: Float[torch.Tensor, " run"],
) -> None:
    """Update p by Adam (Kingma and Ba 2015), after decoupled decay p <- p - rate decay p (AdamW)."""
    (beta1, beta2), (mean, square) = condition.optimizer.betas, moments
    rate = rate.reshape(-1, *[1] * (p.dim() - 1))
    p -= rate * decay.reshape(rate.shape) * p
    mean += (1 - beta1) * (gradient - mean)
    square += (1 - beta2) * (gradient**2 - square)
    denominator = (square / (1 - beta2**step)).sqrt() + condition.optimizer.eps
    p -= rate * (mean / (1 - beta1**step)) / denominator
