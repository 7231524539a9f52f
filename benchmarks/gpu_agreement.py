"""Whether the GPU engine does what the reference engine does, and gives the same bytes in any company."""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from gpu_sizes import chosen, condition, say, seconds, train
from safetensors.numpy import load_file, save_file

from superpos.training import gpu
from superpos.training.records import Recording, Saved, Trained

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


def write_reference(given: argparse.Namespace) -> None:
    """Write what the reference engine gives for each case, in a process that sees no GPU."""
    found = reference_weights(agreement_cases(given))
    arrays = {f"{k}.{j}": a for k, parts in enumerate(found) for j, a in enumerate(parts)}
    save_file(arrays, given.reference)


@contextlib.contextmanager
def on_the_cpu(given: argparse.Namespace) -> Iterator[Callable[[int], list[np.ndarray]]]:
    """Run the reference engine in a process that sees no GPU, beside this one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights"
        hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        script = Path(__file__).with_name("gpu_check.py")
        words = [str(script), "--only", given.only, "--reference", str(file)]
        child = subprocess.Popen([sys.executable, *words], env=hidden)

        def of_case(k: int) -> list[np.ndarray]:
            if child.wait():
                raise RuntimeError(f"the reference engine failed with exit code {child.returncode}")
            arrays = load_file(file)
            return [arrays[key] for key in sorted(arrays) if key.startswith(f"{k}.")]

        try:
            yield of_case
        finally:
            child.kill()
            child.wait()


def agree(given: argparse.Namespace) -> None:
    cases = agreement_cases(given)
    with on_the_cpu(given) as expected:
        ours = [_bytes(size, p) for size, p in cases]
        for k, ((size, p), got) in enumerate(zip(cases, ours, strict=True)):
            worst = [
                f"{np.abs(a - b).max():.1e}"
                for a, b in zip(parts_of(got), expected(k), strict=True)
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
    # So many steps are launched as a graph, and a part of 50 of them step by step.
    long = condition(size, p, 150)
    by_step = Saved({}, keep, lambda begin, steps: ((a, a + 50) for a in range(0, steps, 50)))
    found["as a graph"], whole = train([long] * 3, keys[:3]), train([long] * 3, keys[:3], by_step)
    rows = {"alone": slice(1, 2), "in company": slice(0, 3)}
    same = {
        name: all(
            a[rows.get(name, slice(None))].tobytes() == b[-len(a[rows.get(name, slice(None))]) :].tobytes()
            for a, b in zip(
                parts_of(whole if name == "as a graph" else three), parts_of(one), strict=True
            )
        )
        for name, one in found.items()
    }  # fmt: skip
    wrong = [name for name, value in same.items() if not value]
    say(f"{size} p={p} {gpu.path(c)}: first call {took:.1f} s; bytes: "
        + (f"DIFFER {', '.join(wrong)}" if wrong else f"the same {', '.join(same)}"))  # fmt: skip
    return three
