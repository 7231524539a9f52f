"""What `make` prints while jobs run: the stage, how many jobs are done, and the time left."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from superpos.progress import estimates


@dataclass(frozen=True)
class ListedJob:
    """A job that has to run: its message, its name as in `estimates`, and the path of its log."""

    message: str
    name: str
    log: str = ""


class PipelineStatus:
    """Counts the waiting, running and finished jobs of one run; most methods return a line to print.

    compiling: how many seconds a job spent compiling kernels, according to its log; estimates leave these
    out. costs: what `estimates.estimated_seconds` takes.
    """

    def __init__(
        self,
        jobs: Mapping[int, ListedJob],
        known: Mapping[str, float],
        cores: int,
        clock: Callable[[], float] = time.monotonic,
        compiling: Callable[[Path], float] = lambda log: 0.0,
        costs: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self.jobs, self.cores, self.clock, self.compiling = jobs, cores, clock, compiling
        self.estimates = {
            i: estimates.estimated_seconds(job.name, known, costs) for i, job in jobs.items()
        }
        self.running: dict[int, float] = {}
        self.done: dict[int, float] = {}

    def opening(self) -> str:
        """The number of jobs and the time that they will take."""
        return f"{len(self.jobs)} jobs, {self.cores} at a time: {self.left()}"

    def start(self, job: int) -> None:
        """Record that a job has started."""
        self.running[job] = self.clock()

    def finish(self, job: int) -> str:
        """Record that a job is done; the line counts done jobs overall and in its stage."""
        took, self.done[job] = self.clock() - self.running.get(job, self.clock()), self._ran(job)
        self.running.pop(job, None)
        stage = estimates.stage_of_job(self.jobs[job].name)
        of, done = self._stages(self.jobs)[stage], self._stages(self.done)[stage]
        width = len(str(len(self.jobs)))
        return (
            f"[{len(self.done):{width}} of {len(self.jobs)}, {stage} {done} of {of}] "
            f"{self.jobs[job].message}, {estimates.duration(took)}; {self.left()}"
        )

    def fail(self, job: int) -> ListedJob:
        """Record that a job has failed, and return it."""
        self.running.pop(job, None)
        self.estimates.pop(job, None)
        return self.jobs[job]

    def now(self, shares: Mapping[int, str]) -> str:
        """The jobs that are running, each with its progress line from `shares`, or else its time so far."""
        parts = [
            f"{self.jobs[job].message}, {shares.get(job) or estimates.duration(self.clock() - start)}"
            for job, start in self.running.items()
        ]
        return f"running: {'; '.join(parts)}; {self.left()}"

    def left(self) -> str:
        """The time left, at the pace of the jobs that are done."""
        total = sum(self.estimates.values())
        estimated = sum(self.estimates.get(job, 0.0) for job in self.done)
        pace = estimates.pace(sum(self.done.values()), estimated, total)
        remaining = [
            pace * s - self._ran(j) for j, s in self.estimates.items() if j not in self.done
        ]
        seconds = estimates.wall([max(s, 0.0) for s in remaining], self.cores)
        return f"about {estimates.duration(seconds)} left" if remaining else "all done"

    def _ran(self, job: int) -> float:
        """The seconds that a job has run, without those in which it compiled kernels."""
        if job not in self.running:
            return 0.0
        spent = self.clock() - self.running[job]
        return max(spent - self.compiling(Path(self.jobs[job].log)), 0.0)

    def _stages(self, jobs: Mapping[int, object]) -> Counter[str]:
        return Counter(estimates.stage_of_job(self.jobs[job].name) for job in jobs)
