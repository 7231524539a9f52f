"""How fast the GPU engine is, and the usual training loop on the same GPU."""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import usual
from gpu_sizes import (
    CONFIG,
    DENSITIES,
    SIZES,
    chosen,
    condition,
    kernel_time,
    say,
    seconds,
    train,
)
from safetensors.numpy import save_file

from superpos.config import jobs, text
from superpos.config.resolving import resolve
from superpos.training import block


def seconds_a_step(size: str, density: float, runs: int, goal: float) -> tuple[float, float]:
    """The seconds of a step of all runs, and the seconds that a call takes beside its steps.

    Two calls that differ in their steps alone tell one from the other.
    """
    keys = np.arange(runs, dtype=np.uint64) * np.uint64(977) + np.uint64(1)

    def call(steps: int) -> float:
        conditions = [condition(size, density, steps)] * runs
        return seconds(lambda: train(conditions, list(keys)))

    call(2)
    steps = 8
    while True:
        few, many = call(steps), call(3 * steps)
        difference = max(many - few, 1e-6)
        if difference > goal or steps > 200_000:
            return difference / 2 / steps, few - difference / 2
        steps = int(steps * min(max(1.3 * goal / difference, 2), 30))


def speed(given: argparse.Namespace) -> None:
    goal = 0.001 if given.smoke else 0.1
    say(f"{'size':20} {'batch':>5} {'models':>7} {'density':>7}"
        f" {'ns packed':>10} {'call ms':>8} {'us alone':>9}")  # fmt: skip
    for size in chosen(given):
        for p in DENSITIES[: 1 if given.smoke else 3]:
            *_, batch, runs = SIZES[size]
            runs = 4 if given.smoke else runs
            packed, call = seconds_a_step(size, p, runs, goal)
            alone, _ = seconds_a_step(size, p, 1, goal)
            say(f"{size:20} {batch:5} {runs:7} {p:7} {1e9 * packed / runs:10.3g} {1e3 * call:8.1f} "
                f"{1e6 * alone:9.3g}")  # fmt: skip


USUAL = ("2/1 of 128", "2/1", "5/2", "20/5", "80/20")
USUAL_BYTES = 8e9
"""About how much memory the activations of the usual loop's models take."""


def usual_models(size: str, count: int) -> usual.Packed:
    n, m, _, _, batch, _ = SIZES[size]
    chance = np.random.default_rng(0)
    start = [chance.normal(0, (2 / (n + m)) ** 0.5, (count, n, m)).astype(np.float32), None,
             np.zeros((count, n), np.float32)]  # fmt: skip
    density, importance = np.full((count, n), 0.1), np.ones((count, n))
    return usual.pack(start, density, importance, 1e-3, batch=batch, device="cuda")


def usual_loop(given: argparse.Namespace) -> None:
    torch.backends.cuda.matmul.allow_tf32 = False
    say(f"{'size':20} {'models':>7} {'eager us a step':>16} {'graph us a step':>16} "
        f"{'eager ns':>9} {'graph ns':>9}")  # fmt: skip
    for size in [name for name in USUAL if name in chosen(given)]:
        n, m, _, _, batch, _ = SIZES[size]
        fits = int(USUAL_BYTES / (4 * batch * (12 * n + 4 * m)))
        for count in (1, 4 if given.smoke else min(fits, 262_144)):
            models = usual_models(size, count)
            steps = 3 if given.smoke else (200 if count == 1 else 20)
            usual.train(models, 5, 1e-3)
            eager = min(
                seconds(lambda s=steps, m=models: usual.train(m, s, 1e-3)) for _ in range(3)
            )
            replay = usual.captured(models)

            def many(s: int = steps, once: Callable[[], None] = replay) -> None:
                for _ in range(s):
                    once()

            graph = min(seconds(many) for _ in range(3))
            a, b = 1e6 * eager / steps, 1e6 * graph / steps
            say(
                f"{size:20} {count:7} {a:16.4g} {b:16.4g} {1e3 * a / count:9.3g} {1e3 * b / count:9.3g}"
            )
            del models, replay, many
            torch.cuda.empty_cache()


def million(given: argparse.Namespace) -> None:
    """A million models on a grid of a thousand conditions, as `superpos.sweep` would train them."""
    size, (a, b, steps) = "2/1 of 128", (2, 2, 5) if given.smoke else (40, 25, 700)
    replicates = 2 if given.smoke else 1000
    base = condition(size, 1.0, steps)
    train([base], [base.key(0, 0)])
    start = time.perf_counter()
    conditions, keys = [], []
    for p in np.geomspace(0.01, 1, a):
        for ratio in np.geomspace(0.1, 10, b):
            c = base.model_copy(update={"density": float(p), "importance": {"last": float(ratio)}})
            conditions += [c] * replicates
            keys += c.keys(0, range(replicates))
    host = time.perf_counter() - start
    call = seconds(lambda: train(conditions, keys))
    with kernel_time() as spent:
        train(conditions, keys)
    say(f"{len(keys)} models of {steps} steps: conditions and keys {host:.2f} s, "
        f"train {call:.2f} s, of which kernels {spent():.2f} s")  # fmt: skip


def paper(given: argparse.Namespace) -> None:
    """The training of all experiments; the jobs of an experiment together, as its process trains them."""
    raw = text.load_config(CONFIG)
    raw["defaults"]["engine"] = "gpu"
    if given.smoke:
        raw["experiments"] = {"F1": {**raw["experiments"]["F1"], "steps": 20, "replicates": 2}}
        raw |= {"figures": {}, "theory": {}}
    config = resolve(raw)
    whole = kernels = 0.0
    say(f"{'experiment':12} {'runs':>7} {'seconds':>8} {'kernels':>8}  engines")
    for experiment in config.experiments.values():
        planned = [(jobs.specification(config, job), {}) for job in jobs.jobs(experiment)]
        sampled = experiment.sweep.sets(config.seed)
        sets = {name: block.training_set(one, config.seed) for name, one in sampled.items()}
        with kernel_time() as spent:
            start = time.perf_counter()
            blocks = block.train_blocks(planned, (), sets, os.cpu_count() or 1)
            took = time.perf_counter() - start
        whole, kernels = whole + took, kernels + spent()
        names = {name for one in blocks for name in one.names.engines}
        runs = sum(len(one.names.keys) for one in blocks)
        say(f"{experiment.name:12} {runs:7} {took:8.2f} {spent():8.2f}  {', '.join(sorted(names))}")
        if given.out:
            _leave(given.out, experiment.name, blocks)
    say(f"all: {whole:.1f} s, of which kernels {kernels:.1f} s")


def _leave(folder: Path, name: str, blocks: list[block.TrainedBlock]) -> None:
    """Write the blocks of an experiment to a file: arrays by block and name, and the names of the runs."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {f"{k}.{key}": a for k, one in enumerate(blocks) for key, a in one.arrays.items()}
    names = {str(k): json.dumps(one.names.model_dump()) for k, one in enumerate(blocks)}
    save_file(arrays, folder / f"{name}.safetensors", names)
