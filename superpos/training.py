"""Training a block of runs: which engine, which runs are stored already, what is written."""

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from superpos import philox, plugins
from superpos.condition import Condition, Distribution, digest, digest64, overridden
from superpos.divergence import PARAMETERS, diverged
from superpos.engines import Recording, Trained
from superpos.meter import Tell, silent
from superpos.resume import Standing

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Run:
    """One run to train: its condition, replicate and Philox key."""

    slug: str
    condition: Condition
    replicate: int
    key: np.uint64


@dataclass(frozen=True)
class Block:
    """What a training job writes: arrays with a leading run axis, and the runs' names."""

    arrays: Arrays
    notes: dict[str, Any]

    def history(self) -> pd.DataFrame:
        """The minibatch losses, a row a run and recorded step."""
        records = self.arrays["loss"].shape[1]
        return pd.DataFrame(
            {
                "condition": np.repeat(self.notes["conditions"], records),
                "replicate": np.repeat(self.notes["replicates"], records),
                "step": np.tile(self.arrays["loss_steps"], len(self.arrays["loss"])),
                "loss": self.arrays["loss"].ravel(),
            }
        )

    def diverged(self) -> np.ndarray:
        """Which runs have diverged, [run]."""
        return diverged(*(self.arrays.get(name) for name in PARAMETERS))


def conditions(specification: Mapping[str, Any]) -> dict[str, Condition]:
    """The conditions of a job's specification, by slug."""
    plain, points = specification["plain"], specification["points"]
    return {s: Condition.model_validate(overridden(plain, p)) for s, p in points.items()}


def engine(name: str, condition: Condition) -> str:
    """The engine that trains a condition: `fused` gives way where it has no kernel."""
    if name == "fused":
        fused = importlib.import_module("superpos.engines.fused")
        return "fused" if fused.supports(condition) else "reference"
    return name


def modules(wanted: str, trained: Iterable[Condition]) -> list[str]:
    """The modules that training loads by name: engine (`wanted`, or what it gives way to), models
    and distributions."""
    return sorted(
        {
            name
            for c in trained
            for name in (
                f"superpos.engines.{engine(wanted, c)}",
                f"superpos.models.{c.model}",
                f"superpos.data.{c.data.name}",
            )
        }
    )


def training_set(condition: Condition | Distribution, seed: int) -> np.ndarray:
    """The finite training set x [sample, feature], drawn once and shared by all replicates."""
    key = digest64({"distribution": condition.distribution(seed)})
    samples = condition.data.training_samples or 0

    def draw(stream: int, count: int) -> np.ndarray:
        return philox.words(key, philox.FINITE_SET, 0, stream, count)

    return plugins.load("data", condition.data.name).sample(condition, draw, samples)


def train_block(
    specification: Mapping[str, Any],
    code: str,
    stored: Iterable[tuple[Arrays, Mapping[str, Any]]],
    training_sets: Mapping[str, np.ndarray],
    threads: int,
    standing: Standing | None = None,
    tell: Tell = silent,
) -> Block:
    """Train the runs of a job that no stored block holds, and put all of them together.

    training_sets: the finite sets by their distribution's digest; stored: blocks of earlier jobs;
    standing: where an interrupted job stood, and where this one is kept (nowhere by default).
    `tell` hears of the share of the missing runs' steps that are done.
    """
    standing = standing or Standing({}, lambda arrays: None)
    wanted, making = _runs(specification), _making(specification, code)
    known = _known(stored, making)
    missing = [run for run in wanted if run.key not in known]
    seed, went_on = specification["seed"], []
    steps, done = sum(run.condition.steps for run in missing), 0
    for group in _alike(missing, seed, specification["engine"]):
        first = group[0].condition
        here = len(group) * first.steps
        going = standing.going(digest([making, *(f"{run.key:016x}" for run in group)]))
        went_on += [going.step] if going.saved else []
        trained = _module(engine(specification["engine"], first)).train(
            [run.condition for run in group],
            [run.key for run in group],
            _recording(specification, first.steps),
            training_sets.get(first.distribution(seed)),
            threads,
            going,
            lambda share, done=done, here=here: tell((done + share * here) / steps),
        )
        done += here
        known |= {run.key: _of_run(trained, r) for r, run in enumerate(group)}
    arrays = {
        name: np.stack([known[run.key][name] for run in wanted]) for name in known[wanted[0].key]
    }
    loss_steps = _recording(specification, wanted[0].condition.steps).loss_steps
    notes = {
        "keys": [f"{run.key:016x}" for run in wanted],
        "conditions": [run.slug for run in wanted],
        "replicates": [run.replicate for run in wanted],
        "engines": [engine(specification["engine"], run.condition) for run in wanted],
        "making": making,
        "trained_here": len(missing),
        "went_on_after": went_on,
    }
    return Block({**arrays, "loss_steps": np.array(loss_steps, np.int64)}, notes)


def address(specification: Mapping[str, Any], code: str, versions: Mapping[str, str]) -> str:
    """A name for what a job trains: a digest of condition, seed and replicate of every run, of the
    code, and of what else decides the arrays."""
    keys = [f"{run.key:016x}" for run in _runs(specification)]
    return digest([_making(specification, code), keys, dict(versions)])


def _making(specification: Mapping[str, Any], code: str) -> str:
    """A digest of what decides a run's arrays besides its key."""
    used = ("engine", "losses", "checkpoints")
    return digest({"code": code, **{key: specification[key] for key in used}})


def _runs(specification: Mapping[str, Any]) -> list[Run]:
    seed = specification["seed"]
    return [
        Run(slug, condition, replicate, condition.key(seed, replicate))
        for slug, condition in conditions(specification).items()
        for replicate in range(*specification["replicates"])
    ]


def _known(
    stored: Iterable[tuple[Arrays, Mapping[str, Any]]], making: str
) -> dict[np.uint64, Arrays]:
    return {
        np.uint64(int(key, 16)): {n: a[r] for n, a in arrays.items() if n != "loss_steps"}
        for arrays, notes in stored
        if notes.get("making") == making
        for r, key in enumerate(notes["keys"])
    }


def _alike(runs: list[Run], seed: int, wanted: str) -> list[list[Run]]:
    """Runs that an engine can train together: they differ in key, density, importance, rate, std."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        plain = run.condition.model_dump(exclude={"density", "importance"})
        plain["optimizer"] = {**plain["optimizer"], "lr": 0, "weight_decay": 0}
        plain["init"] = run.condition.init.name
        plain["engine"] = engine(wanted, run.condition)
        if run.condition.data.training_samples is not None:
            plain["distribution"] = run.condition.distribution(seed)
        groups.setdefault(digest(plain), []).append(run)
    return list(groups.values())


def _recording(specification: Mapping[str, Any], steps: int) -> Recording:
    records = min(specification["losses"], steps)
    loss_steps = tuple(round((i + 1) * steps / records) for i in range(records))
    return Recording(loss_steps, tuple(specification["checkpoints"]))


def _of_run(trained: Trained, r: int) -> Arrays:
    arrays = {name: getattr(trained, name) for name in Trained.__dataclass_fields__}
    return {name: array[r] for name, array in arrays.items() if array is not None}


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"superpos.engines.{name}")
