"""The arrays of a GPU launch, made on the host, and the launches themselves."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from superpos.config.condition import Condition
from superpos.training import start
from superpos.training.gpu import shape as shapes
from superpos.training.gpu.shape import Shape
from superpos.training.kernels import laws, paths
from superpos.training.kernels.kernel_job import kernel_job
from superpos.training.records import Recording

if TYPE_CHECKING:
    from jaxtyping import Float64, Int64

FURTHEST = 1 << 62
"""A threshold that no random number passes."""
WORK = 2e12
"""About how many multiply-adds are asked for at once: a few tenths of a second's."""
GRAPH_STEPS = 64
"""How many steps of the kernel `tile` are launched as one graph."""


@dataclass(frozen=True)
class Arrays:
    """What a kernel reads and writes, in the order of its arguments; tensors on the device.

    P [run, parameter]; moments [run, 2, parameter]; checkpoints [run, checkpoint, parameter]; losses
    [run, record]; keys, law_of [run]; rates [run, 2]: lr and weight decay; importances [run,
    feature]. By law: limits, scales, none_limits, none_scales [law, unit], the gates
    (`superpos.training.kernels.laws`); thresholds, counts [law, outcome]: a number of 53 bits that passes
    j thresholds means counts[j] samples. rows [row, feature]: the training set; factors [step, 3]: the
    schedule's factor, 1 / (1 - beta1^t), 1 / (1 - beta2^t); slots [step, 2]: where a step's loss
    and weights are recorded, or -1. For `tile`: gradients [run, program, parameter + 1], with the
    loss last; base [1]: the steps made so far; scratch [run, part, sample, feature]: x.
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
    """The runs that one kernel trains: its shape, their numbers in the job, and the arrays."""

    shape: Shape
    members: np.ndarray
    arrays: Arrays


def make_plans(
    conditions: Sequence[Condition],
    keys: Sequence[np.uint64],
    recording: Recording,
    training_set: np.ndarray | None,
    device: str,
) -> list[Plan]:
    """Plans for the runs of a job: those whose every sample is drawn, and those without empty ones."""
    kinds, kind_of = _distinct(conditions)
    densities = [paths.gate_densities(kernel_job(c), c) for c in kinds]
    filled = np.array(
        [shapes.draws_filled(kernel_job(c), p) for c, p in zip(kinds, densities, strict=True)]
    )
    plans = []
    for only in (False, True):
        members = np.flatnonzero(filled[kind_of] == only)
        if len(members):
            some = [conditions[r] for r in members]
            plans.append(
                _plan(
                    some, [keys[r] for r in members], members, only, recording, training_set, device
                )
            )
    return plans


def _distinct(conditions: Sequence[Condition]) -> tuple[list[Condition], Int64[np.ndarray, " run"]]:
    """The different conditions, and each run's number among them; replicates share one object."""
    known = {id(c): k for k, c in enumerate({id(c): c for c in conditions}.values())}
    of_id = {id(c): c for c in conditions}
    return [of_id[i] for i in known], np.array([known[id(c)] for c in conditions])


def _plan(
    conditions: Sequence[Condition],
    keys: Sequence[np.uint64],
    members: np.ndarray,
    filled: bool,
    recording: Recording,
    training_set: np.ndarray | None,
    device: str,
) -> Plan:
    kinds, kind_of = _distinct(conditions)
    job = kernel_job(kinds[0])
    shape = shapes.shape(job, filled)
    laws_, law_of = np.unique(
        np.stack([paths.gate_densities(job, c) for c in kinds]), axis=0, return_inverse=True
    )
    made = [(laws.filled_samples if filled else laws.every_sample)(p, job.batch) for p in laws_]
    tables = [_outcomes(law.share[0], law.peak[0], job.batch) for law in made] if filled else []
    of_law = {
        "limits": np.stack([law.limit for law in made]),
        "scales": np.stack([law.scale for law in made]),
        "none_limits": np.stack([law.none_limit for law in made]),
        "none_scales": np.stack([law.none_scale for law in made]),
        **_padded(tables, shape.outcomes),
    }
    of_kind = {
        "rates": np.array([[c.optimizer.lr, start.decay_rate(c)] for c in kinds], np.float32),
        "law_of": law_of.reshape(-1).astype(np.int32),
        "importances": np.stack([c.importances() for c in kinds]).astype(np.float32),
    }
    runs = len(conditions)
    arrays = {
        "P": np.concatenate(
            [a.reshape(runs, -1) for a in start.stacked_weights(conditions, keys) if a is not None],
            axis=1,
        ),
        "keys": np.array(keys, np.uint64).view(np.int64),
        **of_law,
        **{name: array[kind_of] for name, array in of_kind.items()},
        "rows": np.zeros((1, 1), np.float32)
        if training_set is None
        else training_set.astype(np.float32),
        "factors": _factors(kinds[0]),
        "slots": _slots(recording, job.steps),
    }
    zeros = {
        "moments": (runs, 2, shape.size),
        "checkpoints": (runs, len(recording.checkpoint_steps), shape.size),
        "losses": (runs, len(recording.loss_steps)),
        "gradients": (runs, shape.programs, shape.size + 1),
        "scratch": (runs, shape.parts, 4 * shape.rows, shape.columns),
    }
    tensors = {
        **{name: torch.from_numpy(array).to(device) for name, array in arrays.items()},
        **{name: torch.zeros(size, device=device) for name, size in zeros.items()},
        "base": torch.zeros(1, dtype=torch.int32, device=device),
    }
    return Plan(shape, members, Arrays(**tensors))


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
    # The last outcome kept takes the few that are left.
    enough = int(np.searchsorted(passed, 1 - 2.0**-50))
    return np.ceil(passed[:enough] * 2.0**53).astype(np.int64), order[: enough + 1].astype(np.int32)


def _padded(tables: list[tuple[np.ndarray, np.ndarray]], length: int) -> dict[str, np.ndarray]:
    """The tables of all laws with one length; in a law's place without one stands an empty table."""
    thresholds = np.full((max(len(tables), 1), length), FURTHEST, np.int64)
    counts = np.zeros((max(len(tables), 1), length), np.int32)
    for law, (passed, values) in enumerate(tables):
        thresholds[law, : len(passed)] = passed
        counts[law, : len(values)] = values
    return {"thresholds": thresholds, "counts": counts}


def _factors(condition: Condition) -> Float64[np.ndarray, "step 3"]:
    """The schedule's factor and what makes Adam's averages unbiased, for every step."""
    t = np.arange(1, condition.steps + 1)
    unbias = [1 / (1 - beta**t) for beta in condition.optimizer.betas]
    return np.stack([start.schedule_factors(condition), *unbias], 1).astype(np.float32)


def _slots(recording: Recording, steps: int) -> np.ndarray:
    slots = np.full((steps, 2), -1, np.int32)
    for column, recorded in enumerate((recording.loss_steps, recording.checkpoint_steps)):
        slots[np.array(recorded, np.int64) - 1, column] = np.arange(len(recorded))
    return slots


def steps_at_once(shape: Shape, runs: int) -> int:
    """How many steps are asked for before anything waits for them."""
    # A run alone uses one of a card's multiprocessors, so few runs take as long as a hundred.
    return max(GRAPH_STEPS, int(WORK / (5 * shape.batch * shape.n * shape.m * max(runs, 100))))


class Launcher:
    """Launches the steps of a plan on a stream of its own; the stream is None in Triton's interpreter."""

    def __init__(self, plan: Plan, stream: torch.cuda.Stream | None) -> None:
        self.plan, self.stream = plan, stream
        if stream is not None:
            # The plan's arrays are filled on the current stream.
            stream.wait_stream(torch.cuda.current_stream())
        self._graph: torch.cuda.CUDAGraph | None = None

    def steps(self, begin: int, end: int) -> None:
        """Ask for the steps begin + 1 to end; `wait` waits for them."""
        with torch.cuda.stream(self.stream):
            if self.plan.shape.kernel == "lanes":
                self._launch("train", (), begin=begin, end=end)
                return
            self.plan.arrays.base.fill_(begin)
            if self.stream is not None and end - begin > GRAPH_STEPS:
                begin += self._record()
                for _ in range((end - begin) // GRAPH_STEPS):
                    self._graph.replay()
                begin = end - (end - begin) % GRAPH_STEPS
            self._step_by_step(end - begin)

    def wait(self) -> None:
        """Wait until the steps are made."""
        if self.stream is not None:
            self.stream.synchronize()

    def _step_by_step(self, steps: int) -> None:
        shape = self.plan.shape
        for after in range(steps):
            self._launch("gradient", (shape.programs,), after=after)
            self._launch("update", (shapes.updates(shape),), after=after)
        self.plan.arrays.base.add_(steps)

    def _record(self) -> int:
        """Record GRAPH_STEPS steps as a graph, if there is none: a launch alone takes longer than its work.

        Returns the number of steps made: the first must load the kernels, which a recording cannot.
        """
        if self._graph is not None:
            return 0
        self._step_by_step(1)
        self._graph = torch.cuda.CUDAGraph()
        self._graph.capture_begin(capture_error_mode="thread_local")
        self._step_by_step(GRAPH_STEPS)
        self._graph.capture_end()
        return 1

    def _launch(self, name: str, grid: tuple[int, ...], **steps: int) -> None:
        """Launch a kernel; its arguments are fields of `Arrays`, lengths and the given steps."""
        shape, a = self.plan.shape, self.plan.arrays
        module = importlib.import_module(f"superpos.training.gpu.kernels.{shape.kernel}")
        function = getattr(module, name)
        lengths = {
            "length": len(a.rows),
            "records": a.losses.shape[1],
            "kept": a.checkpoints.shape[1],
        }
        known = {**vars(a), **lengths, **steps}
        function[(len(self.plan.members), *grid)](
            **{key: known[key] for key in function.arg_names if key in known},
            job=shape, num_warps=shape.warps, num_stages=1, maxnreg=shape.registers, enable_fp_fusion=True,
        )  # fmt: skip
