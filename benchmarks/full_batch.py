"""Time training on a whole sparse set in every step: the fused engine against a loop in torch.

The loop holds the set as a matrix x [sample, feature]. Two loops take turns, and the faster one counts:
one with autograd, and one with the gradient written by hand. Both use torch's fused AdamW.
"""

import time
from collections.abc import Callable

import torch

from superpos.config.condition import Condition, Data, Init, Optimizer
from superpos.data.finite_set import training_set
from superpos.training import fused, start
from superpos.training.records import Recording

SIZES = ((10_000, 200, 2), (10_000, 1000, 2), (1000, 300, 2), (1000, 5000, 2), (1000, 300, 4),
         (1000, 1000, 8))  # fmt: skip
"""The numbers of features n, of samples T and of hidden units m that are timed."""
ENTRIES = 2e9
"""How many entries (samples times features times steps) the engine computes in one timing."""


def condition(n: int, samples: int, m: int, steps: int) -> Condition:
    """The paper's setting: ten active features in a sample of norm 1."""
    return Condition(
        n_features=n, n_hidden=m, model="relu_output", density=10 / n, importance=1.0,
        data=Data(name="independent", unit_norm=True, training_samples=samples),
        optimizer=Optimizer(
            name="adamw", lr=1e-3, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01
        ),
        schedule="warmup_cosine", init=Init(name="xavier"), batch="all", steps=steps,
    )  # fmt: skip


def loop(c: Condition, x: torch.Tensor, by_hand: bool) -> Callable[[], None]:
    """A function that makes one step in torch."""
    W, _, b = start.initial_weights(c, c.key(0, 0))
    W, b = (torch.nn.Parameter(torch.tensor(a)) for a in (W, b))
    optimizer = torch.optim.AdamW([W, b], lr=1e-3, weight_decay=0.01, fused=True)
    h, y = x @ W.data, torch.empty_like(x)

    def step() -> None:
        if by_hand:
            with torch.no_grad():
                torch.mm(x, W, out=h)
                torch.addmm(b, h, W.T, out=y)
                on = y > 0
                delta = y.sub_(x).mul_(on).mul_(2 / len(x))
                W.grad = torch.addmm(x.T @ (delta @ W), delta.T, h)
                b.grad = delta.sum(0)
        else:
            optimizer.zero_grad(set_to_none=True)
            ((torch.relu(x @ W @ W.T + b) - x) ** 2).sum(1).mean().backward()
        optimizer.step()

    return step


def seconds(work: Callable[[], object], turns: int, clock: Callable[[], float]) -> float:
    """The best of a few timings of `work`, after one that is not counted."""
    work()
    found = []
    for _ in range(turns):
        begin = clock()
        work()
        found.append(clock() - begin)
    return min(found)


def measure(
    n: int, samples: int, m: int, threads: int, turns: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:  # fmt: skip
    """Time both on `threads` runs, a thread each for the engine, and all of them for the loop."""
    steps = max(2, round(ENTRIES / n / samples / threads))
    c = condition(n, samples, m, steps)
    x, keys = training_set(c, 0), c.keys(0, range(threads))
    dense = torch.tensor(x.dense(n))

    def train() -> None:
        fused.train([c] * threads, keys, Recording(()), x, threads)

    ours = seconds(train, turns, clock) / steps / threads
    theirs = min(seconds(loop(c, dense, by_hand), turns, clock) for by_hand in (False, True))
    return {
        "n": n, "T": samples, "m": m, "threads": threads, "torch_us": 1e6 * theirs,
        "fused_us": 1e6 * ours, "ratio": theirs / ours, "ns_per_entry": 1e9 * ours / n / samples,
    }  # fmt: skip
