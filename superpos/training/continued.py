"""Start runs from the weights of a training on fewer samples, as `init.trained_on` asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from superpos.config.condition import Condition
from superpos.data.finite_set import first_rows
from superpos.numerics.samples import Samples
from superpos.training.progress import Progress
from superpos.training.records import Arrays, Recording, Saved, Trained

WEIGHTS = {"fused": "P", "reference": "p"}
"""How the names of the weights begin in the state that an engine saves."""


def earlier_runs(
    conditions: Sequence[Condition], replicates: Sequence[int], seed: int
) -> tuple[list[Condition], list[np.uint64]]:
    """The conditions and keys of the trainings that give some runs their first weights.

    They are those that the config describes without `init.trained_on`.
    """
    earlier = {id(c): e for c in conditions if (e := c.earlier)}
    found = [earlier[id(c)] for c in conditions]
    return found, [c.key(seed, r) for c, r in zip(found, replicates, strict=True)]


def first_state(
    engine: str,
    train: Callable[..., Trained],
    runs: tuple[Sequence[Condition], Sequence[np.uint64]],
    earlier: tuple[Sequence[Condition], Sequence[np.uint64]],
    recording: Recording,
    rows: Samples,
    threads: int,
    saved: Saved,
    report_progress: Progress,
) -> Mapping[str, np.ndarray]:
    """The state from which an engine starts runs: before the first step, but with the weights that their
    earlier trainings end with.

    train: that of the engine; rows: the runs' training set. The earlier trainings are made here, from
    the state `saved`, and save theirs.
    """
    end = dict(saved.arrays)

    def keep(state: Arrays) -> None:
        end.update(state)
        saved.keep(state)

    few = first_rows(rows, earlier[0][0].data.distinct)
    unrecorded = replace(recording, checkpoint_steps=())
    train(*earlier, unrecorded, few, threads, replace(saved, keep=keep), report_progress)
    # An engine that makes no step saves the state before the first one.
    state: Arrays = {}
    train(
        *runs,
        recording,
        rows,
        threads,
        Saved({}, state.update, lambda begin, steps: iter([(0, 0)])),
    )
    return {k: (end if k.startswith(WEIGHTS[engine]) else state)[k] for k in state}
