"""What the sections of `gpu_check` share: the sizes that are measured, and how time is taken."""

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from superpos.config.condition import Condition, Data, Init, Optimizer
from superpos.training import gpu
from superpos.training.records import FROM_THE_START, Recording, Saved, Trained

CONFIG = Path(__file__).parents[1] / "config.yaml"
DENSITIES = (1.0, 0.1, 0.01)
SIZES = {
    # name: features, hidden units, model, gradient, batch, models side by side
    "2/1 of 128": (2, 1, "relu_output", "minibatch", 128, 65536),
    "2/1": (2, 1, "relu_output", "minibatch", 1024, 16384),
    "5/2": (5, 2, "relu_output", "minibatch", 1024, 16384),
    "20/5": (20, 5, "relu_output", "minibatch", 1024, 4096),
    "10/5 hidden": (10, 5, "relu_hidden", "minibatch", 128, 16384),
    "3/6 absolute": (3, 6, "absolute", "minibatch", 256, 8192),
    "80/20": (80, 20, "relu_output", "minibatch", 1024, 1056),
    "100/20 controlled": (100, 20, "relu_output", "control_variate", 256, 1056),
    "100/40 absolute": (100, 40, "absolute", "minibatch", 1024, 528),
    "400/30": (400, 30, "relu_output", "minibatch", 512, 264),
}
NOTHING = Recording(())


def say(*words: object) -> None:
    print(*words, flush=True)


def condition(size: str, density: float, steps: int) -> Condition:
    """A condition of a size, with AdamW at a constant rate."""
    n, m, model, gradient, batch, _ = SIZES[size]
    return Condition(
        n_features=n, n_hidden=m, model=model, density=density, importance=1.0,
        data=Data(name="independent", signed=model == "absolute"),
        optimizer=Optimizer(
            name="adamw", lr=1e-3, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01
        ),
        schedule="constant", gradient=gradient, init=Init(name="xavier"), batch=batch, steps=steps,
    )  # fmt: skip


def train(conditions: Sequence[Condition], keys: Sequence[np.uint64], saved: Saved = FROM_THE_START,
          recording: Recording = NOTHING) -> Trained:  # fmt: skip
    """Train runs on the GPU."""
    return gpu.train(conditions, keys, recording, None, 1, saved, lambda fraction: None)


def seconds(work: Callable[[], object]) -> float:
    """The seconds that some work takes, until the GPU has finished."""
    synchronize()
    start = time.perf_counter()
    work()
    synchronize()
    return time.perf_counter() - start


def synchronize() -> None:
    """Wait for the GPU, if there is one: Triton's interpreter runs without."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


@contextlib.contextmanager
def kernel_time() -> Iterator[Callable[[], float]]:
    """The seconds that kernels take on the GPU within the block, by torch's profiler."""
    from torch.profiler import ProfilerActivity, profile

    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        yield lambda: sum(e.self_device_time_total for e in seen.key_averages()) / 1e6
        torch.cuda.synchronize()


def chosen(given: argparse.Namespace) -> list[str]:
    """The sizes that are asked for; ends the script with a message if there are none."""
    if not (names := [name for name in SIZES if given.only in name]):
        raise SystemExit(
            f"--only {given.only}: no size has this in its name; there are {', '.join(SIZES)}"
        )
    return names
