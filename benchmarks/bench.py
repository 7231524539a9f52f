"""Compare the usual training loop, the reference engine and the fused engine on the paper's sweeps.

For each sweep it prints the microseconds that each engine takes per step of one model, how many times
faster `fused` is than the usual loop, which fraction of the speed of an ideal engine it reaches (see
`roofline`), and the time to a fixed held-out loss. It writes results/benchmarks.parquet. The engines
take turns; the best of three timings counts, divided by the number of steps. Training on whole finite
sets is timed as well (see `full_batch`); those rows are printed only.
"""

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import full_batch
import numba
import numpy as np
import pandas as pd
import roofline
import torch
import usual

from superpos.config.condition import Condition, Data, Init, Optimizer
from superpos.training import fused, reference
from superpos.training import start as initial
from superpos.training.records import Recording

BATCH = 1024
TURNS = 3
NOTHING = Recording(())
clock = time.perf_counter


@dataclass(frozen=True)
class Workload:
    """Conditions of one shape, trained in packs of at most `pack`, and how many steps are timed."""

    name: str
    conditions: list[Condition]
    pack: int
    usual_steps: int
    fused_steps: int
    goal: int
    """The condition whose time to a fixed held-out loss is printed."""


def condition(n, m, density, importance, model="relu_output", lr=1e-3) -> Condition:  # type: ignore[no-untyped-def]
    """A condition with AdamW, a constant rate and a batch of 1024, as in the usual loop."""
    return Condition(
        n_features=n, n_hidden=m, model=model, density=float(density), importance=importance,
        data=Data(name="independent", signed=model == "absolute"),
        optimizer=Optimizer(
            name="adamw", lr=lr, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01
        ),
        schedule="constant", init=Init(name="xavier"), batch=BATCH, steps=1,
    )  # fmt: skip


def workloads() -> list[Workload]:
    """What is timed: the sweeps of the paper's experiments."""
    one = condition
    seven = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
    ten = [p for p in seven for _ in range(10)]
    powers, tenths = 20 ** -np.linspace(0, 1, 10), 10 ** -np.linspace(0, 1, 50)
    grid = [
        (p, {"last": float(r)})
        for p in np.geomspace(0.01, 1, 10)
        for r in np.geomspace(0.1, 10, 10)
    ]
    ratio = {r: {"geometric": r} for r in (0.9, 0.7, 0.8, 0.75)}
    hidden = np.geomspace(0.03, 1, 14)
    return [
        Workload("5/2 x10", [one(5, 2, p, ratio[0.9]) for p in powers], 10, 30, 5000, 7),
        Workload("20/5 x10", [one(20, 5, p, ratio[0.7]) for p in ten], 10, 10, 1000, 20),
        Workload("80/20 x10", [one(80, 20, p, ratio[0.9]) for p in ten], 10, 3, 200, 20),
        Workload("2/1 grid", [one(2, 1, *at) for at in grid], 100, 20, 5000, 55),
        Workload("3/2 grid", [one(3, 2, *at) for at in grid], 100, 20, 5000, 55),
        Workload("400/30", [one(400, 30, p, 1.0) for p in tenths], 10, 2, 600, 25),
        Workload(
            "100/40 |x|", [one(100, 40, p, ratio[0.8], "absolute") for p in seven], 7, 4, 200, 2
        ),
        Workload(
            "10/5 hidden",
            [one(10, 5, p, ratio[0.75], "relu_hidden") for p in hidden],
            14,
            15,
            2000,
            7,
        ),
    ]


def packs(sweep: Workload) -> list[list[Condition]]:
    c = sweep.conditions
    return [c[i : i + sweep.pack] for i in range(0, len(c), sweep.pack)]


def models_of(pack: list[Condition]) -> usual.Packed:
    """The models of some conditions for the usual loop, with the initial weights of our engines."""
    start = initial.stacked_weights(pack, [c.key(0, r) for r, c in enumerate(pack)])
    density, importance = (
        np.stack(a) for a in zip(*((c.densities(), c.importances()) for c in pack), strict=True)
    )
    first, absolute = pack[0], pack[0].model == "absolute"
    hidden = absolute or first.model == "relu_hidden"
    return usual.pack(start, density, importance, first.optimizer.lr, hidden, absolute, BATCH)


def time_usual(sweep: Workload, steps: int) -> float:
    """The seconds that the usual loop takes per step of one model, training one pack after another."""
    total = 0.0
    for pack in packs(sweep):
        models = models_of(pack)
        usual.train(models, 1, 1e-3)
        start = clock()
        usual.train(models, steps, 1e-3)
        total += clock() - start
    return total / steps / len(sweep.conditions)


def time_engine(engine, sweep: Workload, steps: int, threads: int) -> float:  # type: ignore[no-untyped-def]
    """The seconds that an engine takes per step of one model, including everything that `train` does."""
    total = 0.0
    for pack in packs(sweep) if engine is reference else [sweep.conditions]:
        runs = [c.model_copy(update={"steps": steps}) for c in pack]
        keys = [c.key(0, r) for r, c in enumerate(runs)]
        start = clock()
        engine.train(runs, keys, NOTHING, threads=threads)
        total += clock() - start
    return total / steps / len(sweep.conditions)


def in_turn(engines: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The best time of each engine in microseconds; the engines take turns."""
    found = dict.fromkeys(engines, math.inf)
    for _ in range(TURNS):
        for name, run in engines.items():
            found[name] = min(found[name], 1e6 * run())
    return found


def held_out_loss(pack: list[Condition], parameters: list[np.ndarray], x: np.ndarray) -> float:
    """The loss of the first model on x [sample, feature]."""
    models = models_of(pack[:1])
    for parameter, array in zip(models.parameters, parameters, strict=True):
        parameter.data = torch.tensor(array[:1])
    with torch.no_grad():
        return float(usual.error(models, torch.tensor(x)[:, None]))


def to_goal(sweep: Workload, micros: dict[str, float]) -> dict[str, float]:
    """The milliseconds until one condition comes within 2 % of the fused engine's best held-out loss.

    The number of steps is read off checkpoints and multiplied by the measured time of a step.
    """
    c = sweep.conditions[sweep.goal].model_copy(update={"steps": 300})
    marks = tuple(range(10, 301, 10))
    x = reference.minibatch(c.model_copy(update={"batch": 20_000}), np.uint64(1), 1, None)
    trained = fused.train([c], [c.key(0, 0)], Recording((), marks))
    arrays = [
        a
        for a in (trained.checkpoint_W, trained.checkpoint_W_out, trained.checkpoint_b)
        if a is not None
    ]
    ours = [held_out_loss([c], [a[:, k] for a in arrays], x) for k in range(len(marks))]
    goal = 1.02 * min(ours)
    models, theirs = models_of([c]), []
    later = tuple(range(10, 901, 10))
    for _ in later:
        usual.train(models, 10, 1e-3)
        theirs.append(held_out_loss([c], usual.parameter_arrays(models), x))
    return {
        "goal_loss": goal,
        "usual_ms_to_goal": _first_step_at(theirs, goal, later) * micros["usual"] / 1e3,
        "fused_ms_to_goal": _first_step_at(ours, goal, marks) * micros["fused"] / 1e3,
    }


def _first_step_at(losses: list[float], goal: float, marks: tuple[int, ...]) -> float:
    return next((s for s, loss in zip(marks, losses, strict=True) if loss <= goal), math.nan)


def measure(sweep: Workload, threads: int) -> dict[str, float | str]:
    """Time all engines on one sweep; returns a row of the table."""
    time_engine(fused, sweep, 2, threads)  # compiles the kernels, or loads them
    micros = in_turn(
        {
            "usual": lambda: time_usual(sweep, sweep.usual_steps),
            "reference": lambda: time_engine(
                reference, sweep, max(sweep.usual_steps // 2, 1), threads
            ),
            "fused": lambda: time_engine(fused, sweep, sweep.fused_steps, threads),
        }
    )
    bound = 1e6 * roofline.fewest_seconds(sweep.conditions, threads)
    return {
        "sweep": sweep.name, "models": len(sweep.conditions), "threads": threads,
        **{f"{name}_us": micros[name] for name in ("usual", "reference", "fused")},
        "ratio": micros["usual"] / micros["fused"], "roofline_share": bound / micros["fused"],
        "usual_steps": sweep.usual_steps, "fused_steps": sweep.fused_steps,
    } | to_goal(sweep, micros)  # fmt: skip


def _show(rows: list[dict]) -> None:  # type: ignore[type-arg]
    """Print the last row of a table, below the table's header if it is the first."""
    text = pd.DataFrame(rows[-1:]).to_string(
        index=False, header=len(rows) == 1, float_format="%.4g"
    )
    print(text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--threads",
        type=int,
        help="the threads of each engine",
        default=numba.config.NUMBA_DEFAULT_NUM_THREADS,
    )
    parser.add_argument("--only", help="time only the sweeps whose names contain this text")
    parser.add_argument(
        "--out",
        type=Path,
        help="the file for the table",
        default=Path("results/benchmarks.parquet"),
    )
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="count CPU time, for measurements with one thread on a busy machine",
    )
    arguments = parser.parse_args()
    if arguments.threads < 1:
        parser.error(f"--threads {arguments.threads}; give 1 or more")
    sweeps = [one for one in workloads() if not arguments.only or arguments.only in one.name]
    if not sweeps:
        known = ", ".join(one.name for one in workloads())
        parser.error(f"--only {arguments.only}: no sweep has this in its name; there are {known}")
    if arguments.cpu_time:
        global clock
        clock = time.process_time
    torch.set_num_threads(arguments.threads)
    rows = []
    for sweep in sweeps:
        rows.append(measure(sweep, arguments.threads))
        _show(rows)
    whole = []
    for size in () if arguments.only else full_batch.SIZES:
        whole.append(full_batch.measure(*size, arguments.threads, TURNS, clock))
        _show(whole)
    table = pd.DataFrame(rows)
    mean = math.exp(np.log(table.ratio).mean())
    print(f"geometric mean of usual / fused: {mean:.1f}; smallest: {table.ratio.min():.1f}")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(arguments.out)


if __name__ == "__main__":
    main()
