"""Launch the steps of a plan on a GPU."""

from __future__ import annotations

import importlib
import threading

from superpos import lookup
from superpos.training.gpu import shape as shapes
from superpos.training.gpu.plans import Plan
from superpos.training.gpu.shape import Shape

with lookup.extra("gpu"):
    import torch

WORK = 2e12
"""About how many multiply-adds are launched at once: a few tenths of a second of work."""
REGISTERS = 255
"""The largest number of registers per thread."""
GRAPH_STEPS = 64
"""How many steps of the kernel `tile` are launched as one graph."""
RECORDING = threading.Lock()
"""Graphs are recorded one at a time, on a stream of a priority that no other stream has."""


def steps_at_once(shape: Shape, runs: int) -> int:
    """The number of steps that are launched before the host waits for them."""
    # A run alone uses one of a card's multiprocessors, so few runs take as long as a hundred.
    return max(GRAPH_STEPS, int(WORK / (5 * shape.batch * shape.n * shape.m * max(runs, 100))))


def new_stream(device: str, priority: int = 0) -> torch.cuda.Stream | None:
    """A stream on a GPU, and None in Triton's interpreter."""
    return torch.cuda.Stream(priority=priority) if device == "cuda" else None  # type: ignore[no-untyped-call]


class Launcher:
    """Launches the steps of a plan on a stream of its own; the stream is None in Triton's interpreter."""

    def __init__(self, plan: Plan, stream: torch.cuda.Stream | None) -> None:
        self.plan, self.stream = plan, stream
        if stream is not None:
            # The plan's arrays are filled on the current stream.
            stream.wait_stream(torch.cuda.current_stream())
        self._graphs: list[torch.cuda.CUDAGraph] = []

    def steps(self, begin: int, end: int) -> None:
        """Launch the steps begin + 1 to end; `wait` waits for them."""
        with torch.cuda.stream(self.stream):
            if self.plan.shape.kernel == "lanes":
                self._launch("train", (len(self.plan.members),), begin=begin, end=end)
                return
            self.plan.arrays.base.fill_(begin)
            if self.stream is not None and end - begin > GRAPH_STEPS:
                begin += 0 if self._graphs else self._record()
                for _ in range((end - begin) // GRAPH_STEPS):
                    self._graphs[0].replay()
                begin = end - (end - begin) % GRAPH_STEPS
            self._step_by_step(end - begin)

    def wait(self) -> None:
        """Wait until the launched steps are complete."""
        if self.stream is not None:
            self.stream.synchronize()

    def _step_by_step(self, steps: int) -> None:
        shape, runs = self.plan.shape, len(self.plan.members)
        at_once = len(self.plan.arrays.gradients)
        for after in range(steps):
            for first in range(0, runs, at_once):
                count = min(at_once, runs - first)
                self._launch("gradient", (count, shape.programs), after=after, first=first)
                self._launch("update", (count, shapes.updates(shape)), after=after, first=first)
        self.plan.arrays.base.add_(steps)

    def _record(self) -> int:
        """Record GRAPH_STEPS steps as a CUDA graph, because a single launch takes longer than its work.

        Returns the number of steps made meanwhile: one, which loads the kernels before they are recorded.
        """
        self._step_by_step(1)
        graph = torch.cuda.CUDAGraph()
        # torch gives the same few streams to many launchers, and nothing else may use one that records.
        with RECORDING, torch.cuda.stream(new_stream("cuda", -1)):
            graph.capture_begin(capture_error_mode="thread_local")
            self._step_by_step(GRAPH_STEPS)
            graph.capture_end()
        self._graphs.append(graph)
        return 1

    def _launch(self, name: str, grid: tuple[int, ...], **steps: int) -> None:
        """Launch a kernel; its arguments are fields of `LaunchArrays`, lengths and the given numbers."""
        shape, a = self.plan.shape, self.plan.arrays
        module = importlib.import_module(f"superpos.training.gpu.kernels.{shape.kernel}")
        function = getattr(module, name)
        lengths = {
            "length": len(a.rows),
            "records": a.losses.shape[1],
            "kept": a.checkpoints.shape[1],
        }
        known = {**vars(a), **lengths, **steps}
        function[grid](
            **{key: known[key] for key in function.arg_names if key in known},
            job=shape, num_warps=shape.warps, num_stages=1, maxnreg=REGISTERS, enable_fp_fusion=True,
        )  # fmt: skip
