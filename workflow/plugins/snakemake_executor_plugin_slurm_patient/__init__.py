"""Snakemake's Slurm executor with different answers to failures, and with groups that run in parallel.

The plugin `slurm` (2.8) forgets all jobs if a round of queries fails, and then waits for ever. It asks
sacct even if accounting is off. It waits silently for ever for a job that cannot start or that Slurm has
forgotten. It runs the jobs of a group one after the other, each in its own Snakemake. And Snakemake itself
deletes all work of a failed group, and asks for more resources after every failure.
"""

import re
import shlex
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

from snakemake.iocontainers import ResourceList
from snakemake_executor_plugin_slurm import Executor as SlurmExecutor
from snakemake_executor_plugin_slurm import ExecutorSettings, common_settings
from snakemake_executor_plugin_slurm.job_status_query import (
    query_job_status,
    query_job_status_sacct,
    query_job_status_squeue,
)
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from . import finished, plain_configs, reasons
from .limits import Limits, Shortages, fitted, limits

__all__ = ["Executor", "ExecutorSettings", "common_settings", "plain_configs"]

FAILED = {
    *("BOOT_FAIL", "CANCELLED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"),
    *("REVOKED", "TIMEOUT"),
}
FORGOTTEN_SECONDS = 600
"""A job counts as failed if Slurm has not known it for this long."""
REFUSED = re.compile(r"SLURM sbatch failed\. The error message was '(.*?)'\.\n", re.DOTALL)


class Executor(SlurmExecutor):
    """Submits jobs as the plugin `slurm` does, and keeps each until Slurm has said how it ended."""

    def __post_init__(self, test_mode: bool = False) -> None:
        super().__post_init__(test_mode)
        if self.array_jobs:
            raise WorkflowError("slurm-patient-array-jobs: set `group-components` instead")
        ask = query_job_status_sacct if accounting() else query_job_status_squeue
        self._query = ask(self.run_uuid)
        self._remember_nothing()

    def _remember_nothing(self) -> None:
        self._seen: dict[str, float] = {}
        self._silent = False
        self._warned: set[str] = set()
        self._limits: dict[str, Limits] = {}
        self._shortages: defaultdict[Any, Shortages] = defaultdict(Shortages)
        self._stamps: dict[Any, finished.Stamp] = {}
        self._kept: dict[Any, list[Any]] = {}

    def additional_general_args(self) -> str:
        """No arguments: the Snakemake on the node runs its own jobs, `cores` of them at a time."""
        return ""

    def run_job(self, job: Any) -> None:
        """Submit a job with the memory and minutes that it needs, within the limits of its partition."""
        try:
            self._stamps |= {one: finished.stamp(one) for one in finished.singles(job)}
            self._fit(job)
            super().run_job(job)
        except (
            Exception
        ) as error:  # An exception in a thread would be lost, and the run would never end.
            # The plugin's own handler fails for groups and hides the original error.
            cause = error.__context__ if isinstance(error, AttributeError) else error
            self._report_job_error_threadsafe(
                SubmittedJobInfo(job), f"It cannot be submitted: {cause}"
            )

    def handle_job_error(self, job: Any) -> None:
        """Keep the finished jobs of a failed group; Snakemake has removed the output of the others."""
        super().handle_job_error(job)
        for one in self._kept.pop(job.jobid, ()):
            self.workflow.async_run(self._finish(one))

    async def check_active_jobs(
        self, active_jobs: list[SubmittedJobInfo]
    ) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Report the jobs that have ended or can never start, and yield the others."""
        states = await self._states() if active_jobs else {}
        waiting = await self._reasons(states or {})
        for job in active_jobs:
            state = "UNANSWERED" if states is None else states.get(job.external_jobid, "")
            reason = waiting.get(job.external_jobid, "")
            if not self._ended(job, state.split(" ")[0]) and not self._hopeless(job, reason):
                yield job

    def _report_job_error_threadsafe(self, job_info: SubmittedJobInfo, msg: str) -> None:
        """Report a job that was not submitted; do not retry one that sbatch will always refuse."""
        if refused := REFUSED.match(msg):
            said = " ".join(refused[1].replace("sbatch: error: ", "").split())
            msg = f"sbatch refuses it: {said}. To change: {reasons.cure(said)}, {reasons.WHERE}."
        if reasons.never(msg):
            give_up(job_info.job)
        self.logger.error(f"{job_info.job.name}: {msg}")
        super()._report_job_error_threadsafe(job_info, "")

    def _fit(self, job: Any) -> None:
        """Set what the job asks for: more after a shortage, within the limits of its partition."""
        asked = dict(job.resources.items())
        partition = self._partition(job)
        sizes = fitted(asked, self._shortages[job.jobid], self._allowed(partition))
        for name, size in sizes.items():
            if size < asked[name]:
                self._warn_once(
                    f"{job.name} asks for {name} {asked[name]}, but partition {partition} allows {size}: "
                    f"it is submitted with {size}."
                )
        job._resources = ResourceList(fromdict=asked | sizes)

    def _partition(self, job: Any) -> str:
        """The name of a job's partition; "" if Slurm chooses one."""
        return "".join(shlex.split(self.get_partition_arg(job))[1:])

    def _allowed(self, partition: str) -> Limits:
        """The limits of a partition. They are cached once Slurm has answered."""
        found = self._limits.get(partition) or (limits(partition) if partition else Limits())
        if found != Limits():
            self._limits[partition] = found
        return found

    async def _states(self) -> Mapping[str, str] | None:
        """The state of each job of this run by its id; None if Slurm does not answer."""
        states, _ = await query_job_status(self._query, self.logger)
        if (states is None) != self._silent:
            self._silent = states is None
            said = "does not answer; asking again" if self._silent else "answers again"
            self.logger.warning(f"Slurm {said}.")
        return states

    async def _reasons(self, states: Mapping[str, str]) -> Mapping[str, str]:
        """Why Slurm does not start a job, by the id of each pending job."""
        if "PENDING" not in states.values():
            return {}
        asked = f"squeue --noheader --states=PENDING --name {self.run_uuid} --format '%i|%r'"
        waiting, _ = await query_job_status(asked, self.logger)
        return waiting or {}

    def _hopeless(self, job: SubmittedJobInfo, reason: str) -> bool:
        """Return whether the job can never start, and if so report it; warn about other reasons to wait."""
        if not reasons.is_unusual(reason):
            return False
        why = f"Slurm says {reason}. To change: {reasons.cure(reason)}, {reasons.WHERE}."
        if not reasons.never(reason):
            self._warn_once(f"Slurm job {job.external_jobid} ({job.job.name}) waits: {why}")
            return False
        self.cancel_jobs([job])
        give_up(job.job)
        self._report(job, f"can never start: {why} ")
        return True

    def _ended(self, job: SubmittedJobInfo, state: str) -> bool:
        """Return whether the job has ended, and report it if so."""
        if state:
            self._seen[job.external_jobid] = time.monotonic()
        unseen = time.monotonic() - self._seen.setdefault(job.external_jobid, time.monotonic())
        if state == "COMPLETED":
            self._succeeded(job)
        elif state in FAILED:
            why = "OUT_OF_MEMORY" if reasons.out_of_memory(job.aux["slurm_logfile"]) else state
            self._failed(job, f"is {why}. {self._learn(job.job, why)}")
        elif not state and unseen > FORGOTTEN_SECONDS:
            self._failed(job, f"has been unknown to Slurm for {FORGOTTEN_SECONDS} s. ")
        else:
            return False
        return True

    def _learn(self, job: Any, state: str) -> str:
        """Record a shortage; give up on a job that already had everything its partition allows."""
        asked = job.resources
        allowed = self._allowed(self._partition(job))
        if state == "TIMEOUT":
            self._shortages[job.jobid].time += 1
        if state != "OUT_OF_MEMORY":
            return ""
        self._shortages[job.jobid].memory += 1
        if allowed.megabytes is None or asked.get("mem_mb", 0) < allowed.megabytes:
            return ""
        give_up(job)
        return (
            f"It had {asked.mem_mb} MB, all that partition {self._partition(job)} allows. To change: "
            f"{reasons.cure('memory')}, {reasons.WHERE}. "
        )

    def _failed(self, job: SubmittedJobInfo, said: str) -> None:
        """Report the jobs that had not finished as failed."""
        whole = finished.among(job.job, self._stamps)
        if len(whole) == len(finished.singles(job.job)):
            self._succeeded(job)
            return
        if whole:
            count = len(finished.singles(job.job))
            with self.workflow.scheduler._lock:
                sets = (self.workflow.scheduler.running, self.dag._running)
                finished.leave(job.job, whole, sets)
            self._kept[job.job.jobid] = whole
            said += f"{len(whole)} of its {count} jobs had finished and are kept. "
        self._report(job, said)

    async def _finish(self, job: Any) -> None:
        """Do for a finished job of a failed group what Snakemake does for a successful one."""
        await job.postprocess(check_output_mtime=False)
        self.dag.register_running({job})
        await self.dag.finish(job)
        self.workflow.scheduler.finished_jobs += 1

    def _succeeded(self, job: SubmittedJobInfo) -> None:
        self._remove_log(job)
        self.report_job_success(job)

    def _report(self, job: SubmittedJobInfo, said: str) -> None:
        """Report a failure; Snakemake itself prints no message about a group."""
        self.logger.error(f"{job.job.name}: Slurm job {job.external_jobid} {said}")
        self.report_job_error(job, aux_logs=[str(job.aux["slurm_logfile"])])

    def _warn_once(self, line: str) -> None:
        """Print a warning if it was not printed before."""
        kind = re.sub(r"^Slurm job \d+ ", "", line)
        if kind not in self._warned:
            self._warned.add(kind)
            self.logger.warning(line)

    def _remove_log(self, job: SubmittedJobInfo) -> None:
        if not self.workflow.executor_settings.keep_successful_logs:
            with suppress(OSError):
                job.aux["slurm_logfile"].unlink(missing_ok=True)


def give_up(job: Any) -> None:
    """Keep Snakemake from retrying the job."""
    job.attempt = job.restart_times + 1


def accounting() -> bool:
    """Whether sacct exists and answers: it is often installed although accounting is off."""
    if shutil.which("sacct") is None:
        return False
    try:
        asked = subprocess.run(["sacct", "-n", "-X"], capture_output=True, check=False, timeout=30)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0
