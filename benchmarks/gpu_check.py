"""Check the GPU engine on a GPU in about five minutes, and measure it against the usual training loop.

python benchmarks/gpu_check.py [--smoke] [--out FOLDER] [--sections NAMES]

Each section prints its findings as it goes, and a section that fails does not stop the others:

- versions: the card and the packages;
- compile: compiles the paper's kernels, in several processes at once, and keeps them on disk;
- agree: 20 steps of each size against the reference engine on the CPU; the same bytes when repeated, in two
  parts, interrupted and resumed, alone and beside other runs;
- speed: for each size and density, the time of a step, in ns for each of many models and in us for one alone;
- million: a million 2/1 models of 700 steps of 128;
- paper: the training of every experiment of config.yaml, which is left in the folder --out, if one is given;
- usual: the usual loop on the same GPU, eager and as a CUDA graph.
"""

import argparse
import math
import multiprocessing
import os
import platform
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
from gpu_agreement import agree, write_reference
from gpu_sizes import CONFIG, DENSITIES, chosen, condition, say, seconds, train
from gpu_speed import million, paper, speed, usual_loop

from superpos.config import text
from superpos.config.condition import Condition
from superpos.config.resolving import resolve
from superpos.training import gpu


def versions(given: argparse.Namespace) -> None:
    if torch.cuda.is_available():
        card = torch.cuda.get_device_properties(0)
        gib = card.total_memory / 2**30
        say(f"{card.name}, {card.multi_processor_count} multiprocessors, {gib:.0f} GiB")
    say(f"engine: {gpu.versions()}; torch {torch.__version__}, numpy {np.__version__}, "
        f"python {platform.python_version()}, {os.cpu_count()} cores")  # fmt: skip


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


SECTIONS = {
    "versions": versions, "compile": compile_all, "agree": agree, "speed": speed,
    "million": million, "paper": paper, "usual": usual_loop,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, to try the script")
    parser.add_argument("--out", type=Path, help="a folder for the paper's trained models")
    parser.add_argument("--sections", default=",".join(SECTIONS), help="default: %(default)s")
    parser.add_argument("--only", default="", help="the sizes whose names contain this text")
    parser.add_argument("--reference", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.reference:
        return write_reference(given)
    if reason := gpu.missing():
        sys.exit(f"gpu_check: {reason}; nothing was measured: docs/gpu.md says what it needs")
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
