"""What a person sees while the pipeline runs: stage, how many of how many jobs, what is left."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from superpos.progress import estimates


@dataclass(frozen=True)
class Job:
    """A job that has to run: what it is called for a reader and for its benchmark; its log."""

    message: str
    name: str
    log: str = ""


class Progress:
    """The jobs of one run: those left, those running, those done. Each call returns a line."""

    def __init__(
        self,
        jobs: Mapping[int, Job],
        known: Mapping[str, float],
        cores: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.jobs, self.cores, self.clock = jobs, cores, clock
        self.estimates = {i: estimates.seconds(job.name, known) for i, job in jobs.items()}
        self.running: dict[int, float] = {}
        self.done: dict[int, float] = {}

    def opening(self) -> str:
        """How many jobs there are, and how long they will take."""
        return f"{len(self.jobs)} jobs, {self.cores} at a time: {self.left()}"

    def start(self, job: int) -> None:
        """A job has started."""
        self.running[job] = self.clock()

    def finish(self, job: int) -> str:
        """A job is done: its place among all and among its stage, its time, what is left."""
        took = self.clock() - self.running.pop(job, self.clock())
        self.done[job] = took
        stage = estimates.stage(self.jobs[job].name)
        of, at = self._stages(self.jobs)[stage], self._stages(self.done)[stage]
        width = len(str(len(self.jobs)))
        return (
            f"[{len(self.done):{width}} of {len(self.jobs)}, {stage} {at} of {of}] "
            f"{self.jobs[job].message}, {estimates.duration(took)}; {self.left()}"
        )

    def fail(self, job: int) -> Job:
        """A job has failed: it is no longer waited for."""
        self.running.pop(job, None)
        self.estimates.pop(job, None)
        return self.jobs[job]

    def now(self, shares: Mapping[int, str]) -> str:
        """What is running, for how long; `shares` says how far some jobs are."""
        parts = [
            f"{self.jobs[job].message}, {shares.get(job) or estimates.duration(self.clock() - start)}"
            for job, start in self.running.items()
        ]
        return f"running: {'; '.join(parts)}; {self.left()}"

    def left(self) -> str:
        """What is left of the time, at the pace of the jobs that are done."""
        total = sum(self.estimates.values())
        fit = sum(self.estimates.get(job, 0.0) for job in self.done)
        pace = estimates.pace(sum(self.done.values()), fit, total)
        remaining = [
            pace * s - self._ran(j) for j, s in self.estimates.items() if j not in self.done
        ]
        seconds = estimates.wall([max(s, 0.0) for s in remaining], self.cores)
        return f"about {estimates.duration(seconds)} left" if remaining else "all done"

    def _ran(self, job: int) -> float:
        return self.clock() - self.running[job] if job in self.running else 0.0

    def _stages(self, jobs: Mapping[int, object]) -> Counter[str]:
        return Counter(estimates.stage(self.jobs[job].name) for job in jobs)
