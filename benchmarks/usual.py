"""The training loop that is usual in the field, written by us: packed models, autograd and AdamW.

A step makes two uniform draws, an einsum over the packed models, and one backward pass through the
sum of their losses.
"""

from dataclasses import dataclass

import numpy as np
import torch


@dataclass
class Packed:
    """Models side by side: W and, if untied, W_out [model, feature, hidden], then b [model, feature]."""

    parameters: list[torch.nn.Parameter]
    density: torch.Tensor
    importance: torch.Tensor
    relu_hidden: bool
    absolute: bool
    batch: int
    optimizer: torch.optim.Optimizer


def pack(start, density, importance, lr, relu_hidden=False, absolute=False, batch=1024) -> Packed:  # type: ignore[no-untyped-def]
    """Models with the given initial weights; density and importance are [model, feature]."""
    parameters = [torch.nn.Parameter(torch.tensor(a)) for a in start if a is not None]
    tensors = (torch.tensor(a, dtype=torch.float32) for a in (density, importance))
    optimizer = torch.optim.AdamW(parameters, lr=lr)
    return Packed(parameters, *tensors, relu_hidden, absolute, batch, optimizer)


def output(models: Packed, x: torch.Tensor) -> torch.Tensor:
    """ReLU(W_out h + b), where h is W x or its ReLU; x is [sample, model, feature]."""
    W, *middle, b = models.parameters
    h = torch.einsum("bif,ifh->bih", x, W)
    if models.relu_hidden:
        h = h.relu()
    W_out = middle[0] if middle else W
    return (torch.einsum("bih,ifh->bif", h, W_out) + b).relu()


def draw_batch(models: Packed, batch: int) -> torch.Tensor:
    """A minibatch [sample, model, feature] from two draws: the values, and which of them are kept."""
    shape = (batch, *models.density.shape)
    value = torch.rand(shape)
    if models.absolute:
        value = 2 * value - 1
    return torch.where(torch.rand(shape) <= models.density, value, torch.zeros(()))


def error(models: Packed, x: torch.Tensor) -> torch.Tensor:
    """The squared error weighted by importance, averaged over samples and features, [model]."""
    target = x.abs() if models.absolute else x
    return (models.importance * (target - output(models, x)) ** 2).mean((0, 2))


def train(models: Packed, steps: int, lr: float) -> None:
    """Train for some steps; like many such loops, it reads the loss every hundred steps."""
    for step in range(steps):
        for group in models.optimizer.param_groups:
            group["lr"] = lr
        models.optimizer.zero_grad(set_to_none=True)
        loss = error(models, draw_batch(models, models.batch)).sum()
        loss.backward()
        models.optimizer.step()
        if step % 100 == 0:
            loss.item()


def parameter_arrays(models: Packed) -> list[np.ndarray]:
    """The parameters as arrays."""
    return [p.detach().numpy().copy() for p in models.parameters]
