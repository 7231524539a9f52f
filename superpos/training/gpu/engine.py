"""The GPU engine's training loop, in which one launch trains thousands of runs in parallel.

It does the training that `superpos.training.reference` defines. On one GPU architecture and with one version
of Triton, a run's bytes are the same whatever it is batched with. Its order of summation differs from the
CPU's, so after many steps it agrees with the fused engine only in distribution.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics.samples import Samples
from superpos.training.gpu import launch
from superpos.training.gpu.launch import Launcher
from superpos.training.gpu.plans import Plan, make_plans
from superpos.training.kernels.kernel_job import KernelJob, kernel_job, unpack
from superpos.training.progress import Progress, no_progress
from superpos.training.records import FROM_THE_START, Arrays, Recording, Saved, Trained

with lookup.extra("gpu"):
    import torch

STATE = ("P", "moments", "losses", "checkpoints")
"""The arrays that training changes: with the step, they are the whole state."""


def train(
    conditions: Sequence[Condition],
    keys: Sequence[np.uint64],
    recording: Recording,
    training_set: Samples | None = None,
    threads: int = 1,
    saved: Saved = FROM_THE_START,
    report_progress: Progress = no_progress,
) -> Trained:
    """Train run r on conditions[r] with keys[r], as `reference.train` does.

    Raises a ValueError if the runs need more memory than the GPU has.
    """
    try:
        plans = make_plans(conditions, keys, recording, training_set, device())
        return _trained(plans, kernel_job(conditions[0]), saved, report_progress)
    except torch.OutOfMemoryError:
        size = f"{conditions[0].n_features}/{conditions[0].n_hidden}"
        raise ValueError(
            f"engine gpu: {len(keys)} runs of {size} models do not fit into the GPU's memory; "
            "give fewer replicates or checkpoints, or engine: fused"
        ) from None


def _trained(
    plans: Sequence[Plan], job: KernelJob, saved: Saved, report_progress: Progress
) -> Trained:
    if saved.arrays:
        _restore(plans, saved.arrays)
    # Each plan has a stream of its own, so plans run side by side, and so do jobs in other threads.
    launchers = [Launcher(plan, launch.new_stream(device())) for plan in plans]
    state = dict(saved.arrays)
    at_once = min(launch.steps_at_once(plan.shape, len(plan.members)) for plan in plans)
    for begin, end in saved.parts(saved.step, job.steps):
        for step in range(begin, end, at_once):
            until = min(step + at_once, end)
            _train(launchers, step, until)
            report_progress(until / job.steps)
        state = _state(plans)
        saved.keep({"step": np.array(end), **state})
    along = unpack(job, state["checkpoints"])
    return Trained(*unpack(job, state["P"]), state["losses"], *along)


def interpreted() -> bool:
    """Whether Triton's interpreter runs the kernels, on the CPU, for tests without a GPU."""
    return os.environ.get("TRITON_INTERPRET") == "1"


def device() -> str:
    """The torch device on which the kernels run."""
    return "cpu" if interpreted() else "cuda"


def _train(launchers: Sequence[Launcher], begin: int, end: int) -> None:
    """Run steps begin + 1 to end of all plans in parallel, and wait until they are complete."""
    for launcher in launchers:
        launcher.steps(begin, end)
    for launcher in launchers:
        launcher.wait()


def _state(plans: Sequence[Plan]) -> Arrays:
    """The state of all runs on the host, in the order of the job."""
    order = np.argsort(np.concatenate([plan.members for plan in plans]))
    return {
        name: np.concatenate([getattr(plan.arrays, name).cpu().numpy() for plan in plans])[order]
        for name in STATE
    }


def _restore(plans: Sequence[Plan], arrays: Mapping[str, np.ndarray]) -> None:
    """Put a saved state into the plans' arrays."""
    for plan in plans:
        for name in STATE:
            getattr(plan.arrays, name).copy_(torch.from_numpy(arrays[name][plan.members]))
