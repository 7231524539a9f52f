"""The runs that one GPU kernel trains, and the arrays for its launches, which are prepared on the host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics.samples import Samples
from superpos.training import start
from superpos.training.gpu import shape as shapes
from superpos.training.gpu.shape import Shape
from superpos.training.kernels import laws
from superpos.training.kernels.kernel_job import gate_densities, kernel_job
from superpos.training.records import Recording

with lookup.extra("gpu"):
    import torch

if TYPE_CHECKING:
    from jaxtyping import Float32, Int64

FURTHEST = 1 << 62
"""A threshold that no random number reaches."""
MEMORY = 1 << 30
"""The most bytes that the gradients and samples of a launch may take if it has more than one run."""


@dataclass(frozen=True)
class LaunchArrays:
    """What the kernels read and write, by the names of their arguments; tensors on the device.

    P [run, parameter]; moments [run, 2, parameter]; checkpoints [run, checkpoint, parameter]; losses
    [run, record]; keys, law_of [run]; rates [run, 2]: lr and weight decay; importances [run,
    feature]. By law: limits, scales, none_limits, none_scales [law, unit], the gates
    (`superpos.training.kernels.laws`); thresholds, counts [law, outcome]: a number of 53 bits that passes
    j thresholds means counts[j] samples. rows [row, feature]: the training set; factors [step, 3]: the
    schedule's factor, 1 / (1 - beta1^t), 1 / (1 - beta2^t); slots [step, 2]: where a step's loss
    and weights are recorded, or -1. For `tile`, with memory for some runs at once: gradients
    [run, program, parameter + 1], with the loss last; scratch [run, part, sample, feature]: x. base
    [1]: the steps made so far.
    """

    P: torch.Tensor
    moments: torch.Tensor
    checkpoints: torch.Tensor
    losses: torch.Tensor
    keys: torch.Tensor
    rates: torch.Tensor
    law_of: torch.Tensor
    importances: torch.Tensor
    limits: torch.Tensor
    scales: torch.Tensor
    none_limits: torch.Tensor
    none_scales: torch.Tensor
    thresholds: torch.Tensor
    counts: torch.Tensor
    rows: torch.Tensor
    factors: torch.Tensor
    slots: torch.Tensor
    gradients: torch.Tensor
    base: torch.Tensor
    scratch: torch.Tensor


@dataclass(frozen=True)
class Plan:
    """The runs that one kernel trains: the kernel's shape, the runs' indices in the job, and the arrays."""

    shape: Shape
    members: np.ndarray
    arrays: LaunchArrays


def make_plans(
    conditions: Sequence[Condition],
    keys: Sequence[np.uint64],
    recording: Recording,
    training_set: Samples | None,
    device: str,
) -> list[Plan]:
    """The plans of a job: one for runs that draw every sample, and one for runs that leave out empty
    samples."""
    kinds, kind_of = _distinct(conditions)
    job, of_run = kernel_job(kinds[0]), np.array(keys, np.uint64)
    densities = np.stack([gate_densities(job, c) for c in kinds])
    filled = np.array([shapes.draws_filled(job, p) for p in densities])
    rows = np.zeros((1, 1)) if training_set is None else training_set.dense(job.n_features)
    plans = []
    for only in np.unique(filled).tolist():
        members = np.flatnonzero(filled[kind_of] == only)
        used, kind = np.unique(kind_of[members], return_inverse=True)
        some, shape = [kinds[k] for k in used.tolist()], shapes.shape(job, only)
        arrays = {
            **_of_runs(some, kind, of_run[members]),
            **_of_laws(densities[used], kind, shape),
            "rows": rows.astype(np.float32),
            "factors": _factors(some[0]),
            "slots": _slots(recording, job.steps),
        }
        tensors = {
            **{name: torch.from_numpy(array).to(device) for name, array in arrays.items()},
            **_zeros(shape, len(members), recording, device),
        }
        plans.append(Plan(shape, members, LaunchArrays(**tensors)))
    return plans


def _distinct(conditions: Sequence[Condition]) -> tuple[list[Condition], Int64[np.ndarray, " run"]]:
    """The distinct conditions, and the index of each run's condition; replicates share one object."""
    names = np.fromiter(map(id, conditions), np.int64, len(conditions))
    _, first, number = np.unique(names, return_index=True, return_inverse=True)
    return [conditions[r] for r in first.tolist()], number


def _of_runs(kinds: list[Condition], kind: np.ndarray, keys: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays that depend on a run's key and its condition, kinds[kind[run]]."""
    weights = start.stacked_weights([kinds[k] for k in kind.tolist()], [*keys])
    flat = [a.reshape(len(keys), -1) for a in weights if a is not None]
    rates = [[c.optimizer.lr, start.decay_rate(c)] for c in kinds]
    importances = np.stack([c.importances() for c in kinds])
    return {
        "P": np.concatenate(flat, axis=1),
        "keys": keys.view(np.int64),
        "rates": np.array(rates, np.float32)[kind],
        "importances": importances.astype(np.float32)[kind],
    }


def _of_laws(densities: np.ndarray, kind: np.ndarray, shape: Shape) -> dict[str, np.ndarray]:
    """The distinct laws of the densities [kind, unit], and the index of each run's law."""
    different, law_of_kind = np.unique(densities, axis=0, return_inverse=True)
    make = laws.filled_samples if shape.filled else laws.every_sample
    made = [make(p, shape.batch) for p in different]
    names = ("limit", "scale", "none_limit", "none_scale")
    return {
        "law_of": law_of_kind.reshape(-1).astype(np.int32)[kind],
        **{f"{name}s": np.stack([getattr(law, name) for law in made]) for name in names},
        **_counts(made, shape),
    }


def _counts(made: list[laws.MinibatchLaw], shape: Shape) -> dict[str, np.ndarray]:
    """The tables from which the number of filled samples is drawn, if only those are drawn."""
    thresholds = np.full((len(made), shape.outcomes), FURTHEST, np.int64)
    counts = np.zeros((len(made), shape.outcomes), np.int32)
    for row, law in enumerate(made if shape.filled else []):
        passed, values = _outcomes(law.share[0], law.peak[0], shape.batch)
        thresholds[row, : len(passed)] = passed
        counts[row, : len(values)] = values
    return {"thresholds": thresholds, "counts": counts}


def _outcomes(share: float, peak: np.ndarray, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Thresholds and values of Binomial(batch, share), in the order of `counts.binomial`."""
    mode = min(int((batch + 1) * share), batch)
    k = np.arange(batch + 1)
    with np.errstate(divide="ignore"):
        ratio = (batch - k[:-1]) / (k[:-1] + 1) * (share / (1 - share) if share < 1 else np.inf)
    chance = np.zeros(batch + 1)
    chance[mode] = peak[batch]
    chance[mode + 1 :] = peak[batch] * np.cumprod(ratio[mode:])
    chance[:mode] = peak[batch] * np.cumprod(1 / ratio[:mode][::-1])[::-1]
    order = np.argsort(np.where(k > mode, 2 * (k - mode) - 1, 2 * (mode - k)), kind="stable")
    passed = np.cumsum(chance[order])
    passed /= passed[-1]
    # The last outcome that is kept takes the remaining probability.
    enough = int(np.searchsorted(passed, 1 - 2.0**-50))
    return np.ceil(passed[:enough] * 2.0**53).astype(np.int64), order[: enough + 1].astype(np.int32)


def _factors(condition: Condition) -> Float32[np.ndarray, "step 3"]:
    """The schedule's factor and Adam's bias corrections, for every step."""
    t = np.arange(1, condition.steps + 1)
    unbias = [1 / (1 - beta**t) for beta in condition.optimizer.betas]
    return np.stack([start.schedule_factors(condition), *unbias], 1).astype(np.float32)


def _slots(recording: Recording, steps: int) -> np.ndarray:
    slots = np.full((steps, 2), -1, np.int32)
    for column, recorded in enumerate((recording.loss_steps, recording.checkpoint_steps)):
        slots[np.array(recorded, np.int64) - 1, column] = np.arange(len(recorded))
    return slots


def _zeros(shape: Shape, runs: int, recording: Recording, device: str) -> dict[str, torch.Tensor]:
    """The arrays that start at 0 or that the kernels write before reading."""
    at_once = runs_at_once(shape, runs)
    sizes = {
        "moments": (runs, 2, shape.size),
        "checkpoints": (runs, len(recording.checkpoint_steps), shape.size),
        "losses": (runs, len(recording.loss_steps)),
        "gradients": (at_once, shape.programs, shape.size + 1),
        "scratch": (at_once, shape.parts, 4 * shape.rows, shape.columns),
    }
    zeros = {name: torch.zeros(size, device=device) for name, size in sizes.items()}
    return {**zeros, "base": torch.zeros(1, dtype=torch.int32, device=device)}


def runs_at_once(shape: Shape, runs: int) -> int:
    """How many runs share a launch of `tile`: as many as there is memory for their gradients and samples."""
    numbers = shape.programs * (shape.size + 1) + shape.parts * 4 * shape.rows * shape.columns
    return min(runs, max(1, MEMORY // (4 * max(numbers, 1))))
