"""Check the GPU engine on a GPU in about five minutes, and measure it against the usual training loop.

python benchmarks/gpu_check.py [--smoke] [--out FOLDER] [--sections NAMES]

Each section prints its findings as it goes, and a section that fails does not stop the others:

- versions: the card and the packages;
- compile: compiles the paper's kernels, in several processes at once, and keeps them on disk;
- agree: 20 steps of each size against the reference engine on the CPU; the same bytes when repeated, in two
  parts, interrupted and resumed, alone and in company;
- speed: for each size and density, ns a model-step of many models, us a step of one;
- million: a million 2/1 models of 700 steps of 128;
- paper: the training of every experiment of config.yaml, which is left in the folder --out, if one is given;
- usual: the usual loop on the same GPU, eager and as a CUDA graph.
"""

import argparse
import contextlib
import math
import multiprocessing
import os
import pickle
import platform
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
import usual

from superpos.config import jobs, text
from superpos.config.condition import Condition, Data, Init, Optimizer
from superpos.config.experiments import Experiment
from superpos.config.resolving import resolve
from superpos.training import block, gpu
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
    if torch.cuda.is_available():
        torch.cuda.synchronize()


# --- versions ---------------------------------------------------------------------------------------


def versions(given: argparse.Namespace) -> None:
    if not torch.cuda.is_available():
        say(gpu.versions())
        return
    card = torch.cuda.get_device_properties(0)
    say(
        f"{card.name}, {card.multi_processor_count} multiprocessors, {card.total_memory / 2**30:.0f} GiB"
    )
    say(f"engine: {gpu.versions()}; torch {torch.__version__}, numpy {np.__version__}, "
        f"python {platform.python_version()}, {os.cpu_count()} cores")  # fmt: skip


# --- compile ----------------------------------------------------------------------------------------


def compile_all(given: argparse.Namespace) -> None:
    """One short training of each kernel, in processes of their own, which share the compiled kernels."""
    wanted = [condition(size, p, 2) for size in chosen(given) for p in DENSITIES]
    wanted += [] if given.smoke else _one_of_each_kernel()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1 if given.smoke else min(12, os.cpu_count() or 1), context) as pool:
        took = list(pool.map(_compile, wanted))
    slowest = max(range(len(took)), key=took.__getitem__)
    c = wanted[slowest]
    say(f"{len(wanted)} short trainings, {sum(took):.0f} s in all; the longest {took[slowest]:.1f} s: "
        f"{c.n_features}/{c.n_hidden} {c.model} {c.gradient} {c.data.name}, batch {c.batch}")  # fmt: skip


def _one_of_each_kernel() -> list[Condition]:
    """A condition for each shape, law and path of the paper's experiments."""
    found = {}
    for experiment in resolve(text.load_config(CONFIG)).experiments.values():
        for c in experiment.conditions.values():
            if gpu.supports(c) and c.data.training_samples is None:
                kernel = (gpu.path(c), c.n_features, c.n_hidden, c.batch, c.model, c.gradient)
                key = *kernel, c.data, c.optimizer.name, round(math.log10(c.densities().max()))
                found[repr(key)] = c.model_copy(update={"steps": 2})
    return list(found.values())


def _compile(c: Condition) -> float:
    return seconds(lambda: train([c], [c.key(0, 0)]))


# --- agree ------------------------------------------------------------------------------------------

STEPS = 20
DENSE = {"2/1 of 128": 0.9, "2/1": 0.9, "5/2": 0.8, "3/6 absolute": 0.8}
"""The density at which every sample is drawn, as in the reference engine; 0.5 for the other sizes."""


def agreement_cases(given: argparse.Namespace) -> list[tuple[str, float]]:
    return [(size, p) for size in chosen(given) for p in (DENSE.get(size, 0.5), 0.05)]


def reference_weights(cases: list[tuple[str, float]]) -> list[list[np.ndarray]]:
    """W and b of three runs of each case by the reference engine."""
    from superpos.training import reference

    found = []
    for size, p in cases:
        c = condition(size, p, STEPS)
        trained = reference.train([c] * 3, c.keys(0, range(3)), Recording((5, STEPS)), threads=4)
        found.append(parts_of(trained))
    return found


def parts_of(trained: Trained) -> list[np.ndarray]:
    return [a for a in (trained.W, trained.W_out, trained.b, trained.loss) if a is not None]


@contextlib.contextmanager
def on_the_cpu(cases: list[tuple[str, float]]) -> Iterator[Callable[[], list[list[np.ndarray]]]]:
    """Run the reference engine in a process that sees no GPU, beside this one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights"
        hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        child = subprocess.Popen(
            [sys.executable, __file__, "--reference", str(file)], env=hidden, stdin=subprocess.PIPE
        )
        assert child.stdin is not None
        pickle.dump(cases, child.stdin)
        child.stdin.close()

        def result() -> list[list[np.ndarray]]:
            if child.wait():
                raise RuntimeError(f"the reference engine failed with exit code {child.returncode}")
            return list(pickle.loads(file.read_bytes()))

        try:
            yield result
        finally:
            child.kill()
            child.wait()


def agree(given: argparse.Namespace) -> None:
    cases = agreement_cases(given)
    with on_the_cpu(cases) as expected:
        ours = [_bytes(size, p) for size, p in cases]
        for (size, p), got, theirs in zip(cases, ours, expected(), strict=True):
            worst = [
                f"{np.abs(a - b).max():.1e}" for a, b in zip(parts_of(got), theirs, strict=True)
            ]
            say(f"{size} p={p}: max |difference| of {STEPS} steps from the reference, of W, (W_out,) b "
                f"and losses: {', '.join(worst)}")  # fmt: skip


def _bytes(size: str, p: float) -> Trained:
    c, record = condition(size, p, STEPS), Recording((5, STEPS))
    keys = c.keys(0, range(40))
    took = seconds(lambda: train([c] * 3, keys[:3], recording=record))
    three = train([c] * 3, keys[:3], recording=record)
    kept: list[dict[str, np.ndarray]] = []

    def keep(arrays: dict[str, np.ndarray]) -> None:
        kept.append({name: np.array(array) for name, array in arrays.items()})

    def in_two_parts(begin: int, steps: int) -> Iterator[tuple[int, int]]:
        yield from ((begin, 7), (7, steps))

    others = [
        c.model_copy(update={"density": p * (0.5 + r / 80), "importance": 1 - r / 50})
        for r in range(37)
    ]
    found = {
        "again": train([c] * 3, keys[:3], recording=record),
        "in two parts": train([c] * 3, keys[:3], Saved({}, keep, in_two_parts), record),
        "resumed": train([c] * 3, keys[:3], Saved(kept[0], lambda arrays: None), record),
        "alone": train([c], keys[1:2], recording=record),
        "in company": train([*others, c, c, c], [*keys[3:], *keys[:3]], recording=record),
    }
    long = condition(size, p, 150)
    parts = Saved(
        {}, keep, lambda begin, steps: ((first, first + 50) for first in range(0, steps, 50))
    )
    found["as a graph"], whole = train([long] * 3, keys[:3], parts), train([long] * 3, keys[:3])
    rows = {"alone": slice(1, 2), "in company": slice(0, 3)}
    same = {
        name: all(
            a[rows.get(name, slice(None))].tobytes() == b[-len(a[rows.get(name, slice(None))]) :].tobytes()
            for a, b in zip(parts_of(whole if name == "as a graph" else three), parts_of(one), strict=True)
        )
        for name, one in found.items()
    }  # fmt: skip
    wrong = [name for name, value in same.items() if not value]
    say(f"{size} p={p} {gpu.path(c)}: first call {took:.1f} s; bytes: "
        + (f"DIFFER {', '.join(wrong)}" if wrong else f"the same {', '.join(same)}"))  # fmt: skip
    return three


# --- speed ------------------------------------------------------------------------------------------


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
    say(
        f"{'size':20} {'batch':>5} {'models':>7} {'density':>7} {'ns packed':>10} {'call ms':>8} {'us alone':>9}"
    )
    for size in chosen(given):
        for p in DENSITIES[: 1 if given.smoke else 3]:
            *_, batch, runs = SIZES[size]
            runs = 4 if given.smoke else runs
            packed, call = seconds_a_step(size, p, runs, goal)
            alone, _ = seconds_a_step(size, p, 1, goal)
            say(f"{size:20} {batch:5} {runs:7} {p:7} {1e9 * packed / runs:10.3g} {1e3 * call:8.1f} "
                f"{1e6 * alone:9.3g}")  # fmt: skip


# --- usual ------------------------------------------------------------------------------------------

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


# --- million ----------------------------------------------------------------------------------------


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


@contextlib.contextmanager
def kernel_time() -> Iterator[Callable[[], float]]:
    """The seconds that kernels take on the GPU within the block, by torch's profiler."""
    from torch.profiler import ProfilerActivity, profile

    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        yield lambda: sum(e.self_device_time_total for e in seen.key_averages()) / 1e6
        torch.cuda.synchronize()


# --- paper ------------------------------------------------------------------------------------------


def paper(given: argparse.Namespace) -> None:
    """The training of all experiments, side by side."""
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
        sets = {name: block.training_set(one, config.seed) for name, one in sampled.items()}
        start = time.perf_counter()
        blocks = block.train_blocks(planned, (), sets, os.cpu_count() or 1)
        took = time.perf_counter() - start
        names = {name for one in blocks for name in one.names.engines}
        runs = sum(len(one.names.keys) for one in blocks)
        say(f"{experiment.name:12} {runs:7} {took:8.2f}  {', '.join(sorted(names))}")
        return blocks

    start = time.perf_counter()
    with ThreadPoolExecutor(len(config.experiments)) as pool:
        all_blocks = list(pool.map(trained, config.experiments.values()))
    say(f"all, side by side: {time.perf_counter() - start:.1f} s")
    for name, blocks in zip(config.experiments, all_blocks if given.out else [], strict=False):
        _leave(given.out, name, blocks)


def _leave(folder: Path, name: str, blocks: list[block.TrainedBlock]) -> None:
    """Write the blocks of an experiment to a file."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.pickle", "wb") as file:
        pickle.dump([(one.arrays, one.names.model_dump()) for one in blocks], file)


# --- all --------------------------------------------------------------------------------------------

SECTIONS = {
    "versions": versions, "compile": compile_all, "agree": agree, "speed": speed,
    "million": million, "paper": paper, "usual": usual_loop,
}  # fmt: skip


def chosen(given: argparse.Namespace) -> list[str]:
    return [name for name in SIZES if not given.sizes or name in given.sizes.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, to try the script")
    parser.add_argument("--out", type=Path, help="a folder for the paper's trained models")
    parser.add_argument("--sections", default=",".join(SECTIONS), help="default: %(default)s")
    parser.add_argument("--sizes", default="", help="the sizes, by name, separated by commas")
    parser.add_argument("--reference", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.reference:
        cases = pickle.load(sys.stdin.buffer)
        given.reference.write_bytes(pickle.dumps(reference_weights(cases)))
        return
    if reason := gpu.missing():
        sys.exit(f"gpu_check: {reason}; nothing was measured")
    for name in given.sections.split(","):
        start = time.perf_counter()
        say(f"\n== {name}")
        try:
            SECTIONS[name](given)
        except Exception:
            say(traceback.format_exc())
        say(f"({name}: {time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main()
