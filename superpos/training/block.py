"""Train blocks of runs: reuse the runs that are already stored, and give the others to an engine."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from superpos.config.condition import Condition
from superpos.config.specification import Specification
from superpos.config.trained_runs import RunNames, TrainedRuns
from superpos.numerics.digest import arrays_digest, digest
from superpos.numerics.divergence import PARAMETERS, diverged
from superpos.numerics.samples import Samples
from superpos.training import continued, engines
from superpos.training.progress import Progress, no_progress
from superpos.training.records import FROM_THE_START, Arrays, Recording, Saved, Trained

if TYPE_CHECKING:
    from jaxtyping import Bool


class Run(NamedTuple):
    """One run to train: its condition, replicate, Philox key and engine, and a digest of how it is
    trained."""

    slug: str
    condition: Condition
    replicate: int
    key: np.uint64
    engine: str
    making: str


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


def train_blocks(
    jobs: Sequence[tuple[Specification, Mapping[str, str]]],
    stored: Iterable[TrainedRuns],
    training_sets: Mapping[str, Samples],
    threads: int,
    saved: Callable[[str], Saved] = lambda name: FROM_THE_START,
    report_progress: Progress = no_progress,
) -> list[TrainedBlock]:
    """Train the runs of some jobs of an experiment that no stored block holds, and return all runs of each.

    jobs: for each job its specification, and the digest of the code behind each way of training. The
    machine decides which way is taken; there are no digests if no block is stored. stored: the runs of
    earlier blocks; training_sets: the finite sets by their distribution's digest; saved: the state that
    each training starts from, by the training's name; report_progress: called with the fraction of the
    missing runs' steps that are complete.
    """
    sets = {name: arrays_digest(vars(rows)) for name, rows in training_sets.items()}
    wanted, first = [_runs(*job, sets) for job in jobs], jobs[0][0]
    every = list(itertools.chain.from_iterable(wanted))
    sources, places = _known(stored, {run.key: run.making for run in every})
    missing = [run for run in every if run.key not in places]
    steps = sum(run.condition.steps for run in missing)
    groups = _trained_together(missing, first.seed)
    shares = [0.0] * len(groups)

    def train(g: int) -> Trained:
        runs, condition = groups[g], groups[g][0].condition
        conditions, keys = [run.condition for run in runs], [run.key for run in runs]
        name, engine = condition.distribution(first.seed), runs[0].engine
        recording, begin, before = _recording(first, condition.steps), starts[g], 0.0

        def report(share: float) -> None:
            shares[g] = (before + (1 - before) * share) * len(runs) * condition.steps / steps
            report_progress(sum(shares))

        if condition.earlier:
            few, many = condition.earlier.samples_per_step, condition.samples_per_step
            if not begin.arrays:
                replicates = [run.replicate for run in runs]
                state = continued.first_state(
                    engine,
                    engines.trainer(engine).train,
                    (conditions, keys),
                    continued.earlier_runs(conditions, replicates, first.seed),
                    recording,
                    training_sets[name],
                    threads,
                    earlier[g],
                    lambda share: report(share * few / (few + many)),
                )
                begin = replace(begin, arrays=state)
            before = few / (few + many)
        trained: Trained = engines.trainer(engine).train(
            *(conditions, keys, recording, training_sets.get(name), threads, begin, report)
        )
        return trained

    names = [digest([[run.making, f"{run.key:016x}"] for run in group]) for group in groups]
    starts = [saved(name) for name in names]
    earlier = [
        saved(f"{name}-earlier") if group[0].condition.earlier else FROM_THE_START
        for name, group in zip(names, groups, strict=True)
    ]
    resumed = [
        ({run.key for run in group}, start.step or before.step)
        for group, start, before in zip(groups, starts, earlier, strict=True)
        if start.arrays or before.arrays
    ]
    on_gpu = any(group[0].engine == "gpu" for group in groups)
    for group, trained in zip(groups, _each(train, len(groups), on_gpu), strict=True):
        places |= {run.key: (len(sources), r) for r, run in enumerate(group)}
        sources.append({name: array for name, array in vars(trained).items() if array is not None})
    new = {run.key for run in missing}
    return [
        _block(specification, runs, _gathered(sources, places, runs), new, resumed)
        for (specification, _), runs in zip(jobs, wanted, strict=True)
    ]


def _each(train: Callable[[int], Trained], groups: int, on_gpu: bool) -> Iterator[Trained]:
    """Yield the trained groups: a GPU trains all at once; on the CPU they take turns, with all threads
    each."""
    if on_gpu:
        with ThreadPoolExecutor(groups) as pool:
            yield from pool.map(train, range(groups))
    else:
        yield from map(train, range(groups))


def _block(
    specification: Specification,
    runs: Sequence[Run],
    arrays: Arrays,
    new: Collection[np.uint64],
    resumed: Sequence[tuple[Collection[np.uint64], int]],
) -> TrainedBlock:
    """The block of a job from the arrays of its runs; resumed: the keys of a resumed training, and its
    step."""
    first, keys = runs[0], {run.key for run in runs}
    loss_steps = _recording(specification, first.condition.steps).loss_steps
    names = RunNames(
        keys=[f"{run.key:016x}" for run in runs],
        conditions=[run.slug for run in runs],
        replicates=[run.replicate for run in runs],
        engines=[run.engine for run in runs],
        makings=[run.making for run in runs],
    )
    whole = {**arrays, "loss_steps": np.array(loss_steps, np.int64)}
    here = [step for trained, step in resumed if keys & set(trained)]
    return TrainedBlock(whole, names, len(keys & set(new)), here)


def _runs(
    specification: Specification, code: Mapping[str, str], sets: Mapping[str, str]
) -> list[Run]:
    """The runs of a job. What depends only on the condition is computed once for all replicates."""
    seed, replicates = specification.seed, range(*specification.replicates)
    return [
        Run(slug, condition, replicate, key, chosen, making)
        for slug, condition in specification.conditions.items()
        for chosen in [engines.engine(specification.engine, condition)]
        for making in [_making(specification, code, sets, condition, chosen)]
        for replicate, key in zip(replicates, condition.keys(seed, replicates), strict=True)
    ]


def _making(
    specification: Specification, code: Mapping[str, str], sets: Mapping[str, str],
    condition: Condition, chosen: str,
) -> str:  # fmt: skip
    """A digest of everything that decides a run's arrays, except its key.

    For this module and the modules in COUNT_BY_OUTCOME it covers what they compute, not their code. sets:
    digests of the training sets, by their distribution's digest.
    """
    way = engines.way(chosen, condition)
    recording = _recording(specification, condition.steps)
    finite = condition.data.training_samples is not None
    rows = sets.get(condition.distribution(specification.seed)) if finite else None
    drawn = [condition.samples_per_step, rows]
    outcome = [recording.loss_steps, recording.checkpoint_steps, drawn, engines.beyond_code(chosen)]
    return digest([way, code[way] if code else "", *outcome])


def _known(
    stored: Iterable[TrainedRuns], making: Mapping[np.uint64, str]
) -> tuple[list[Arrays], dict[np.uint64, tuple[int, int]]]:
    """The arrays of earlier blocks, and the place of each wanted run that was trained in the same way.

    The place is the number of the block, and the row in it.
    """
    sources: list[Arrays] = []
    places = {}
    for number, block in enumerate(stored):
        sources.append({name: a for name, a in block.arrays.items() if name != "loss_steps"})
        for r, (text, made) in enumerate(zip(block.names.keys, block.names.makings, strict=True)):
            if making.get(key := np.uint64(int(text, 16))) == made:
                places[key] = number, r
    return sources, places


def _gathered(
    sources: Sequence[Arrays], places: Mapping[np.uint64, tuple[int, int]], runs: Sequence[Run]
) -> Arrays:
    """The arrays of the runs, each copied from its place in the sources."""
    source, row = np.array([places[run.key] for run in runs]).T
    used = {int(s): np.flatnonzero(source == s) for s in np.unique(source)}
    gathered = {}
    for name, like in sources[source[0]].items():
        gathered[name] = np.empty((len(runs), *like.shape[1:]), like.dtype)
        for s, here in used.items():
            gathered[name][here] = sources[s][name][row[here]]
    return gathered


def _trained_together(runs: list[Run], seed: int) -> list[list[Run]]:
    """Group runs that an engine can train together.

    Within a group, runs may differ only in key, density, importance, rate, decay and initial std.
    """
    # Replicates share a condition, and thousands of them need one digest.
    one_of_each = {id(run.condition): run for run in runs}
    shared = {number: _shared(run, seed) for number, run in one_of_each.items()}
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(shared[id(run.condition)], []).append(run)
    return list(groups.values())


def _shared(run: Run, seed: int) -> str:
    """A digest of what is the same for all runs that are trained together."""
    condition = run.condition
    shared = condition.model_dump(exclude={"density", "importance"})
    shared["optimizer"] = {**shared["optimizer"], "lr": 0, "weight_decay": 0}
    shared["init"] = [condition.init.name, condition.init.trained_on]
    shared["engine"] = run.engine
    if condition.data.training_samples is not None:
        shared["distribution"] = condition.distribution(seed)
    return digest(shared)


def _recording(specification: Specification, steps: int) -> Recording:
    records = min(specification.losses, steps)
    loss_steps = tuple(round((i + 1) * steps / records) for i in range(records))
    return Recording(loss_steps, specification.checkpoints)
