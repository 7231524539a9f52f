"""How fast the GPU engine is, and the usual training loop on the same GPU."""

import argparse
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
import usual
from gpu_sizes import (
    CONFIG,
    DENSITIES,
    NOTHING,
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
from superpos.config.experiments import Experiment
from superpos.config.resolving import resolve
from superpos.data.finite_set import training_set
from superpos.training import block
from superpos.training.gpu import launch, plans


def seconds_a_step(size: str, density: float, runs: int, goal: float) -> float:
    """The seconds of a step of all runs, when everything is compiled and in place."""
    keys = list(np.arange(runs, dtype=np.uint64) * np.uint64(977) + np.uint64(1))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    conditions = [condition(size, density, MOST_STEPS)] * runs
    (plan,) = plans.make_plans(conditions, keys, NOTHING, None, device)
    launcher, begin, steps = launch.Launcher(plan, launch.new_stream(device)), 0, 2
    while True:
        took = seconds(lambda b=begin, s=steps: launcher.steps(b, b + s))
        begin += steps
        if took > goal or begin + steps > MOST_STEPS // 2:
            return took / steps
        steps = min(int(steps * min(max(1.3 * goal / took, 2), 30)), MOST_STEPS // 4)


def speed(given: argparse.Namespace) -> None:
    goal = 0.001 if given.smoke else 0.1
    say(f"{'size':20} {'batch':>5} {'models':>7} {'density':>7} {'ns packed':>10} {'us alone':>9}")
    for size in chosen(given):
        for p in DENSITIES[: 1 if given.smoke else 3]:
            *_, batch, runs = SIZES[size]
            runs = 4 if given.smoke else runs
            packed, alone = (seconds_a_step(size, p, count, goal) for count in (runs, 1))
            say(
                f"{size:20} {batch:5} {runs:7} {p:7} {1e9 * packed / runs:10.3g} {1e6 * alone:9.3g}"
            )


MOST_STEPS = 200_000
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
    say(
        f"{len(keys)} models of {steps} steps: conditions and keys {host:.2f} s, train {call:.2f} s"
    )
    if torch.cuda.is_available():
        with kernel_time() as spent:
            train(conditions, keys)
        say(f"of the training, kernels take {spent():.2f} s")


def paper(given: argparse.Namespace) -> None:
    """The training of all experiments, side by side on the GPU."""
    raw = text.load_config(CONFIG)
    raw["defaults"]["engine"] = "gpu"
    if given.smoke:
        raw["experiments"] = {"F1": {**raw["experiments"]["F1"], "steps": 20, "replicates": 2}}
        raw |= {"figures": {}, "theory": {}}
    config = resolve(raw)
    say(f"{'experiment':12} {'runs':>7} {'seconds':>8}  engines")

    def trained(experiment: Experiment) -> list[block.TrainedBlock]:
        planned = [(jobs.specification(config, job), {}) for job in jobs.jobs(experiment)]
        sampled = experiment.sweep.sets(config.seed)
        sets = {name: training_set(one, config.seed) for name, one in sampled.items()}
        start = time.perf_counter()
        blocks = block.train_blocks(planned, (), sets, os.cpu_count() or 1)
        took = time.perf_counter() - start
        engines = sorted({name for one in blocks for name in one.names.engines})
        runs = sum(len(one.names.keys) for one in blocks)
        say(f"{experiment.name:12} {runs:7} {took:8.2f}  {', '.join(engines)}")
        return blocks

    start = time.perf_counter()
    with ThreadPoolExecutor(len(config.experiments)) as pool:
        blocks = dict(
            zip(config.experiments, pool.map(trained, config.experiments.values()), strict=True)
        )
    say(f"all, side by side: {time.perf_counter() - start:.1f} s")
    if given.out:
        for name, of_experiment in blocks.items():
            _leave(given.out, name, of_experiment)


def _leave(folder: Path, name: str, blocks: list[block.TrainedBlock]) -> None:
    """Write the blocks of an experiment to a file: arrays by block and name, and the names of the runs."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {f"{k}.{key}": a for k, one in enumerate(blocks) for key, a in one.arrays.items()}
    names = {str(k): json.dumps(one.names.model_dump()) for k, one in enumerate(blocks)}
    save_file(arrays, folder / f"{name}.safetensors", names)
