"""The training loop that is usual in the field, written by us: packed models, autograd and AdamW.

A step makes two uniform draws, an einsum over the packed models, and one backward pass through the
sum of their losses.
"""

from collections.abc import Callable
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


def pack(
    start, density, importance, lr, relu_hidden=False, absolute=False, batch=1024, device="cpu"
) -> Packed:  # type: ignore[no-untyped-def]
    """Models with the given initial weights; density and importance are [model, feature]."""
    parameters = [
        torch.nn.Parameter(torch.tensor(a, device=device)) for a in start if a is not None
    ]
    tensors = (torch.tensor(a, dtype=torch.float32, device=device) for a in (density, importance))
    on_gpu = {"fused": True, "capturable": True} if device == "cuda" else {}
    optimizer = torch.optim.AdamW(parameters, lr=lr, **on_gpu)
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
    device = models.density.device
    value = torch.rand(shape, device=device)
    if models.absolute:
        value = 2 * value - 1
    gate = torch.rand(shape, device=device) <= models.density
    return torch.where(gate, value, torch.zeros((), device=device))


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


def captured(models: Packed) -> Callable[[], None]:
    """A function that makes one step by replaying a CUDA graph; it is valid as long as the models are."""

    def step() -> None:
        models.optimizer.zero_grad(set_to_none=True)
        error(models, draw_batch(models, models.batch)).sum().backward()
        models.optimizer.step()

    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def parameter_arrays(models: Packed) -> list[np.ndarray]:
    """The parameters as arrays."""
    return [p.detach().numpy().copy() for p in models.parameters]
