"""The reference engine: the training semantics in torch with autograd, short enough to be read.

Both engines share initial weights, keys, schedule and loss; the fused engine is tested against this.
"""

from collections.abc import Sequence

import numpy as np
import torch

from superpos import lookup
from superpos.config.condition import Condition
from superpos.models import Variant, forward
from superpos.models.linear import VARIANT as LINEAR
from superpos.numerics import philox
from superpos.numerics.divergence import blanked, diverged
from superpos.training.progress import Progress, no_progress
from superpos.training.records import FROM_THE_START, Arrays, Recording, Saved, Trained
from superpos.training.start import learning_rates, weights


def train(
    conditions: Sequence[Condition],
    keys: Sequence[np.uint64],
    recording: Recording,
    training_set: np.ndarray | None = None,
    threads: int = 1,
    saved: Saved = FROM_THE_START,
    report_progress: Progress = no_progress,
) -> Trained:
    """Train run r on conditions[r] with keys[r]; the runs differ in key, density, importance, lr.

    `report_progress` is called with the fraction of the steps that are complete.
    """
    torch.set_num_threads(threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    first = conditions[0]
    variant: Variant = lookup.load("model", first.model).VARIANT
    start = [weights(c, k) for c, k in zip(conditions, keys, strict=True)]
    parameters = [
        torch.nn.Parameter(torch.tensor(np.stack(arrays), device=device))
        for arrays in zip(*start, strict=True)
        if arrays[0] is not None
    ]
    importance = torch.tensor(np.stack([c.importances() for c in conditions])).float().to(device)
    rates = torch.tensor(np.stack([learning_rates(c) for c in conditions])).to(device)
    decay = torch.tensor([_decay(c) for c in conditions], device=device)
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
    moments_of_x = _moments_of_x(conditions, device) if first.gradient != "minibatch" else None
    losses, checkpoints = _go_on(saved.arrays, parameters, moments)
    for begin, end in saved.parts(saved.step, first.steps):
        for step in range(begin + 1, end + 1):
            batches = [
                minibatch(c, k, step, training_set) for c, k in zip(conditions, keys, strict=True)
            ]
            x = torch.tensor(np.stack(batches), device=device)
            per_run = loss(variant, parameters, x, importance)
            objective = per_run
            if moments_of_x is not None:
                objective = per_run + control_variate(parameters, x, importance, *moments_of_x)
            gradients = torch.autograd.grad(objective.sum(), parameters)
            if step in recording.loss_steps:
                losses.append(blanked(_numpy(per_run), diverged(*map(_numpy, parameters))))
            with torch.no_grad():
                for p, g, m in zip(parameters, gradients, moments, strict=True):
                    _adam(first, p, g, m, step, rates[:, step - 1], decay)
            if step in recording.checkpoint_steps:
                checkpoints.append([_numpy(p) for p in parameters])
            report_progress(step / first.steps)
        saved.keep(_standing(end, parameters, moments, losses, checkpoints))
    return _trained(variant, parameters, losses, checkpoints)


def minibatch(
    condition: Condition, key: np.uint64, step: int, training_set: np.ndarray | None
) -> np.ndarray:
    """x [sample, feature] of a step: fresh samples, or rows of the finite training set."""

    def draw(stream: int, count: int) -> np.ndarray:
        return philox.words(key, philox.BATCH, step, stream, count)

    if training_set is None:
        return lookup.load("data", condition.data.name).sample(condition, draw, condition.batch)
    rows = (draw(0, condition.batch).astype(np.uint64) * np.uint64(len(training_set))) >> np.uint64(
        32
    )
    return training_set[rows]


def loss(
    variant: Variant, parameters: Sequence[torch.Tensor], x: torch.Tensor, importance: torch.Tensor
) -> torch.Tensor:
    """L [run] = mean over samples of sum_i I_i (x_i - x'_i)^2, the target |x| for the abs model."""
    target = x.abs() if variant.absolute_target else x
    W, W_out, b = parameters if len(parameters) == 3 else (parameters[0], *parameters)
    error = target - forward(variant, W, W_out, b, x)
    return (importance[:, None] * error**2).sum(2).mean(1)


def control_variate(
    parameters: Sequence[torch.Tensor],
    x: torch.Tensor,
    importance: torch.Tensor,
    mean: torch.Tensor,
    variance: torch.Tensor,
) -> torch.Tensor:
    """Expected loss of the linear model with the same W, b less its mean over x, [run].

    Zero in expectation, so the gradient stays unbiased; where ReLU seldom acts it cancels nearly
    all the noise. sum_j I_j (sum_i v_i B_ji^2 + (sum_i mu_i B_ji + b_j)^2) with B = W W^T - 1 for
    independent x_i of mean mu_i and variance v_i, both [run, feature].
    """
    W, b = parameters
    B = W @ W.transpose(1, 2) - torch.eye(W.shape[1], device=W.device)
    spread = (B**2 @ variance[..., None])[..., 0] + ((B @ mean[..., None])[..., 0] + b) ** 2
    return (importance * spread).sum(1) - loss(LINEAR, parameters, x, importance)


def _moments_of_x(conditions: Sequence[Condition], device: str) -> list[torch.Tensor]:
    """Means and variances of x, [run, feature] each."""
    both = [lookup.load("data", c.data.name).moments(c) for c in conditions]
    return [torch.tensor(np.stack(a)).float().to(device) for a in zip(*both, strict=True)]


def _decay(condition: Condition) -> float:
    return condition.optimizer.weight_decay if condition.optimizer.name == "adamw" else 0.0


def _adam(condition, p, gradient, moments, step, rate, decay) -> None:  # type: ignore[no-untyped-def]
    """One step of Adam (Kingma and Ba 2015), after decoupled decay p <- p - rate decay p (AdamW)."""
    (beta1, beta2), (mean, square) = condition.optimizer.betas, moments
    rate = rate.reshape(-1, *[1] * (p.dim() - 1))
    p -= rate * decay.reshape(rate.shape) * p
    mean += (1 - beta1) * (gradient - mean)
    square += (1 - beta2) * (gradient**2 - square)
    denominator = (square / (1 - beta2**step)).sqrt() + condition.optimizer.eps
    p -= rate * (mean / (1 - beta1**step)) / denominator


def _standing(step, parameters, moments, losses, checkpoints) -> Arrays:  # type: ignore[no-untyped-def]
    """All that training goes on from after a step, by name."""
    arrays = {"step": np.array(step), "losses": np.array(losses)}
    for i, p in enumerate(parameters):
        arrays |= {
            f"p{i}": _numpy(p),
            f"m{i}": _numpy(moments[i][0]),
            f"v{i}": _numpy(moments[i][1]),
        }
        arrays[f"along{i}"] = np.array([c[i] for c in checkpoints])
    return arrays


def _go_on(saved, parameters, moments) -> tuple[list, list]:  # type: ignore[no-untyped-def, type-arg]
    """Set parameters and moments to what was saved; returns the losses and checkpoints so far."""
    if not saved:
        return [], []
    with torch.no_grad():
        for i, (p, (mean, square)) in enumerate(zip(parameters, moments, strict=True)):
            for tensor, name in ((p, "p"), (mean, "m"), (square, "v")):
                tensor.copy_(torch.from_numpy(saved[f"{name}{i}"]))
    along = [saved[f"along{i}"] for i in range(len(parameters))]
    return list(saved["losses"]), [list(arrays) for arrays in zip(*along, strict=True)]


def _numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy().copy()


def _trained(variant, parameters, losses, checkpoints) -> Trained:  # type: ignore[no-untyped-def]
    final = [_numpy(p) for p in parameters]
    along = [
        np.stack([c[i] for c in checkpoints], axis=1)
        if checkpoints
        else np.empty((len(p), 0, *p.shape[1:]), np.float32)
        for i, p in enumerate(final)
    ]
    loss = np.stack(losses, axis=1) if losses else np.empty((len(final[0]), 0), np.float32)
    W_out, checkpoint_W_out = (None, None) if variant.tied else (final[1], along[1])
    return Trained(final[0], W_out, final[-1], loss, along[0], checkpoint_W_out, along[-1])
