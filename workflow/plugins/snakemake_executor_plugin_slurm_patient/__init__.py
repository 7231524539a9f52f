"""Snakemake's Slurm executor, with a status check that loses no job, and groups that run in parallel.

Two things differ from the plugin `slurm` (2.8). Its check forgets all jobs when a round of queries
fails, and waits for ever; asks sacct also where accounting is switched off; and waits for ever for
a job that Slurm has forgotten. And it runs a group's jobs one after the other, in one Snakemake
each, on as many CPUs as they could use together.
"""

import shutil
import subprocess
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress

from snakemake_executor_plugin_slurm import Executor as SlurmExecutor
from snakemake_executor_plugin_slurm import ExecutorSettings, common_settings
from snakemake_executor_plugin_slurm.job_status_query import (
    query_job_status,
    query_job_status_sacct,
    query_job_status_squeue,
)
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

__all__ = ["Executor", "ExecutorSettings", "common_settings"]

FAILED = {
    *("BOOT_FAIL", "CANCELLED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"),
    *("REVOKED", "TIMEOUT"),
}
FORGOTTEN = 600
"""Seconds after which a job that Slurm answers nothing about has failed."""


class Executor(SlurmExecutor):
    """Submits as the plugin `slurm` does, and keeps a job until Slurm has said how it ended."""

    def __post_init__(self, test_mode: bool = False) -> None:
        super().__post_init__(test_mode)
        if self.array_jobs:
            raise WorkflowError("slurm-patient-array-jobs: give `group-components` in its place")
        ask = query_job_status_sacct if accounting() else query_job_status_squeue
        self._query = ask(self.run_uuid)
        self._seen: dict[str, float] = {}
        self._silent = False

    def additional_general_args(self) -> str:
        """Nothing: the Snakemake on the node runs its jobs itself, `cores` of them at a time."""
        return ""

    async def check_active_jobs(
        self, active_jobs: list[SubmittedJobInfo]
    ) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Report the jobs that have ended, and yield all others."""
        states = await self._states() if active_jobs else {}
        for job in active_jobs:
            state = "UNANSWERED" if states is None else states.get(job.external_jobid, "")
            if not self._ended(job, state.split(" ")[0]):
                yield job

    async def _states(self) -> Mapping[str, str] | None:
        """The state of each job of this run by its id; None where Slurm does not answer."""
        states, _ = await query_job_status(self._query, self.logger)
        if (states is None) != self._silent:
            self._silent = states is None
            said = "does not answer; asking again" if self._silent else "answers again"
            self.logger.warning(f"Slurm {said}.")
        return states

    def _ended(self, job: SubmittedJobInfo, state: str) -> bool:
        """Whether the job has ended, which is then reported."""
        if state:
            self._seen[job.external_jobid] = time.monotonic()
        unseen = time.monotonic() - self._seen.setdefault(job.external_jobid, time.monotonic())
        if state == "COMPLETED":
            self._remove_log(job)
            self.report_job_success(job)
        elif state in FAILED or (not state and unseen > FORGOTTEN):
            said = f"is {state}" if state else f"has been unknown to Slurm for {FORGOTTEN} s"
            log = str(job.aux["slurm_logfile"])
            self.report_job_error(
                job, msg=f"Slurm job {job.external_jobid} {said}. ", aux_logs=[log]
            )
        else:
            return False
        return True

    def _remove_log(self, job: SubmittedJobInfo) -> None:
        if not self.workflow.executor_settings.keep_successful_logs:
            with suppress(OSError):
                job.aux["slurm_logfile"].unlink(missing_ok=True)


def accounting() -> bool:
    """Whether sacct is there and answers: it is often installed where accounting is off."""
    if shutil.which("sacct") is None:
        return False
    try:
        asked = subprocess.run(["sacct", "-n", "-X"], capture_output=True, check=False, timeout=30)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0
