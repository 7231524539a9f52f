"""Train a block of runs: find the runs that are stored already, and give the others to an engine."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from superpos import lookup
from superpos.config.condition import Condition, Distribution
from superpos.config.specification import Specification
from superpos.config.trained_runs import RunNames, TrainedRuns
from superpos.numerics import philox
from superpos.numerics.digest import digest, digest64
from superpos.numerics.divergence import PARAMETERS, diverged
from superpos.training.progress import Progress, no_progress
from superpos.training.records import FROM_THE_START, Arrays, Recording, Saved, Trained

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32


class Run(NamedTuple):
    """One run to train: its condition, replicate and Philox key."""

    slug: str
    condition: Condition
    replicate: int
    key: np.uint64


@dataclass(frozen=True)
class TrainedBlock:
    """The runs of a training job: arrays with a leading run axis, and the runs' names.

    trained_here: how many of them were not stored before; resumed_after: the steps after which
    interrupted trainings were resumed.
    """

    arrays: Arrays
    names: RunNames
    trained_here: int
    resumed_after: list[int]

    def history(self) -> pd.DataFrame:
        """The minibatch losses, with a row for each run and recorded step."""
        records = self.arrays["loss"].shape[1]
        return pd.DataFrame(
            {
                "condition": np.repeat(self.names.conditions, records),
                "replicate": np.repeat(self.names.replicates, records),
                "step": np.tile(self.arrays["loss_steps"], len(self.arrays["loss"])),
                "loss": self.arrays["loss"].ravel(),
            }
        )

    def diverged(self) -> Bool[np.ndarray, " run"]:
        """Which runs have diverged."""
        return diverged(*(self.arrays.get(name) for name in PARAMETERS))


def engine(wanted: str, condition: Condition) -> str:
    """The engine that trains a condition: `reference` if `fused` has no kernel for it."""
    if wanted == "fused":
        return "fused" if _engine("fused").supports(condition) else "reference"
    return wanted


def way(wanted: str, condition: Condition) -> str:
    """The code that trains a condition: the engine, and for `fused` its path through the kernels."""
    chosen = engine(wanted, condition)
    return f"fused.{_engine('fused').path(condition)}" if chosen == "fused" else chosen


def modules_by_way(wanted: str, trained: Iterable[Condition]) -> dict[str, list[str]]:
    """For each way, the modules that decide what the runs of these conditions learn."""
    by_way: dict[str, set[str]] = {}
    for condition in trained:
        named = by_way.setdefault(way(wanted, condition), set())
        named |= {
            lookup.module("model", condition.model), lookup.module("data", condition.data.name)
        }  # fmt: skip
    for name, named in by_way.items():
        chosen, _, path = name.partition(".")
        named |= {__name__, f"superpos.training.{chosen}"}
        named |= set(_engine("fused").path_modules(path)) if path else set()
    return {name: sorted(named) for name, named in by_way.items()}


def training_set(
    condition: Condition | Distribution, seed: int
) -> Float32[np.ndarray, "sample feature"]:
    """The finite training set x, drawn once and shared by all replicates."""
    key = digest64({"distribution": condition.distribution(seed)})
    samples = condition.data.training_samples or 0
    draw = philox.word_source(key, philox.FINITE_SET, 0)
    x: np.ndarray = lookup.load("data", condition.data.name).sample(condition, draw, samples)
    return x


def train_block(
    specification: Specification,
    code: Mapping[str, str],
    stored: Iterable[TrainedRuns],
    training_sets: Mapping[str, np.ndarray],
    threads: int,
    saved: Callable[[str], Saved] = lambda name: FROM_THE_START,
    report_progress: Progress = no_progress,
) -> TrainedBlock:
    """Train the runs of a job that no stored block holds, and return all of its runs.

    code: the digest of the code behind each way, none if no block is stored; stored: the runs of
    earlier blocks; training_sets: the finite sets by their distribution's digest; saved: the state
    that each training starts from, by the training's name; report_progress: called with the fraction
    of the missing runs' steps that are complete.
    """
    wanted, seed = _runs(specification), specification.seed
    # Replicates share a condition, so what depends only on the condition is computed once.
    conditions = specification.conditions.items()
    of_slug = {slug: _making(specification, code, condition) for slug, condition in conditions}
    engines = {slug: engine(specification.engine, condition) for slug, condition in conditions}
    making = {run.key: of_slug[run.slug] for run in wanted}
    known = _known(stored, making)
    missing = [run for run in wanted if run.key not in known]
    steps, done, resumed = sum(run.condition.steps for run in missing), 0, []
    for group in _trained_together(missing, seed, specification.engine):
        first = group[0].condition
        here = len(group) * first.steps
        start = saved(digest([[making[run.key], f"{run.key:016x}"] for run in group]))
        resumed += [start.step] if start.arrays else []
        trained = _engine(engine(specification.engine, first)).train(
            [run.condition for run in group],
            [run.key for run in group],
            _recording(specification, first.steps),
            training_sets.get(first.distribution(seed)),
            threads,
            start,
            lambda share, done=done, here=here: report_progress((done + share * here) / steps),
        )
        done += here
        known |= {run.key: _of_run(trained, r) for r, run in enumerate(group)}
    arrays = {
        name: np.stack([known[run.key][name] for run in wanted]) for name in known[wanted[0].key]
    }
    loss_steps = _recording(specification, wanted[0].condition.steps).loss_steps
    names = RunNames(
        keys=[f"{run.key:016x}" for run in wanted],
        conditions=[run.slug for run in wanted],
        replicates=[run.replicate for run in wanted],
        engines=[engines[run.slug] for run in wanted],
        makings=[making[run.key] for run in wanted],
    )
    whole = {**arrays, "loss_steps": np.array(loss_steps, np.int64)}
    return TrainedBlock(whole, names, len(missing), resumed)


def _making(specification: Specification, code: Mapping[str, str], condition: Condition) -> str:
    """A digest of everything that decides a run's arrays, except its key."""
    chosen = way(specification.engine, condition)
    recorded = [specification.losses, specification.checkpoints]
    return digest([chosen, code[chosen] if code else "", recorded])


def _runs(specification: Specification) -> list[Run]:
    seed, replicates = specification.seed, range(*specification.replicates)
    return [
        Run(slug, condition, replicate, key)
        for slug, condition in specification.conditions.items()
        for replicate, key in zip(replicates, condition.keys(seed, replicates), strict=True)
    ]


def _known(
    stored: Iterable[TrainedRuns], making: Mapping[np.uint64, str]
) -> dict[np.uint64, Arrays]:
    """The arrays of the wanted runs that earlier blocks already hold, if they were made in the same way."""
    return {
        key: {n: a[r] for n, a in block.arrays.items() if n != "loss_steps"}
        for block in stored
        for r, (text, made) in enumerate(zip(block.names.keys, block.names.makings, strict=True))
        if making.get(key := np.uint64(int(text, 16))) == made
    }


def _trained_together(runs: list[Run], seed: int, wanted: str) -> list[list[Run]]:
    """Group runs that an engine can train together.

    Within a group they differ at most in key, density, importance, rate, decay and initial std.
    """
    of_slug = {
        slug: _shared(condition, seed, wanted)
        for slug, condition in {run.slug: run.condition for run in runs}.items()
    }
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(of_slug[run.slug], []).append(run)
    return list(groups.values())


def _shared(condition: Condition, seed: int, wanted: str) -> str:
    """A digest of what is the same for all runs that are trained together."""
    shared = condition.model_dump(exclude={"density", "importance"})
    shared["optimizer"] = {**shared["optimizer"], "lr": 0, "weight_decay": 0}
    shared["init"] = condition.init.name
    shared["engine"] = engine(wanted, condition)
    if condition.data.training_samples is not None:
        shared["distribution"] = condition.distribution(seed)
    return digest(shared)


def _recording(specification: Specification, steps: int) -> Recording:
    records = min(specification.losses, steps)
    loss_steps = tuple(round((i + 1) * steps / records) for i in range(records))
    return Recording(loss_steps, specification.checkpoints)


def _of_run(trained: Trained, r: int) -> Arrays:
    arrays = {name: getattr(trained, name) for name in Trained.__dataclass_fields__}
    return {name: array[r] for name, array in arrays.items() if array is not None}


def _engine(name: str) -> ModuleType:
    return importlib.import_module(f"superpos.training.{name}")
