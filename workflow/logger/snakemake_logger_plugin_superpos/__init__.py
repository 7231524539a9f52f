"""What `make` prints instead of Snakemake's log: one line a finished job, and what is left.

Snakemake finds this module by its name. It turns Snakemake's events into calls of
`superpos.progress` and `superpos.progress.planned`; errors and warnings stay Snakemake's own.
"""

import contextlib
import logging
import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from superpos.cli import stale
from superpos.config.messages import visible
from superpos.progress import estimates, planned
from superpos.progress.status import Job, Progress
from superpos.storage import store

HERE = Path(__file__).resolve().parents[3]
LOCK = HERE / ".snakemake" / "run.lock"
"""The lock of workflow/run.py, which writes to it before it ends the jobs on a signal."""
SHIPPED = HERE / "docs" / "times.tsv"
PLAN = "plan"
"""The event with which workflow/rules/progress.smk names the jobs that have to run."""
STRANGERS = "strangers"
"""The event with which workflow/rules/origins.smk names the files that may not be reused."""

TOLD = re.compile(r"\d+% of |compiling kernels")
"""What a job says in its log of where it is."""

QUIET = re.compile(
    "None$|Building DAG|Using workflow specific profile|Assuming unrestricted|Provided |Job stats"
    "|Select jobs|host: |Rules claiming|Conda env|Complete log|This was a dry-run|Reasons"
    "|Workflow (run|final)|Elapsed time|Shutting down|Would remove|Removing|Using shell|Cannot restore"
)
"""Messages of Snakemake that say nothing to who waits."""


class LogHandler(LogHandlerBase):
    """Prints to stderr, on a terminal with a line of what is running that is kept up to date."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.stream = sys.stderr
        self.stream.reconfigure(errors="backslashreplace")
        self.terminal = self.stream.isatty()
        self.cores = os.cpu_count() or 1
        self.progress: Progress | None = None
        self.planned: list[planned.Planned] = []
        self.strangers: set[str] = set()
        self.stale: list[str] = []
        self.printing = threading.RLock()
        self.told = {
            LogEvent.RESOURCES_INFO: self._resources,
            PLAN: self._plan,
            STRANGERS: self._strangers,
            LogEvent.JOB_INFO: self._job,
            LogEvent.JOB_FINISHED: self._finished,
            LogEvent.JOB_ERROR: self._failed,
            LogEvent.GROUP_ERROR: self._whole,
            LogEvent.ERROR: self._error,
            None: self._message,
        }

    def emit(self, record: logging.LogRecord) -> None:
        """Print what the record tells, if it is anything to who waits."""
        if _interrupted():
            return
        try:
            told = self.told.get(getattr(record, "event", None))
            if told is not None:
                told(record)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """The end of the run: what a dry run has planned is printed, the last line ended."""
        if self.planned:
            known = self._known(self.folder)
            for line in planned.lines(self.planned, known, self.cores):
                self._print(line)
            self.planned = []
        if self.stale:
            self._print(f"{stale.summary(self.stale)}; `make clean-stale` removes them")
            self.stale = []
        super().close()

    def _resources(self, record: Any) -> None:
        if count := getattr(record, "cores", None) or getattr(record, "nodes", None):
            self.cores = int(count)

    def _plan(self, record: Any) -> None:
        jobs = {}
        for number, message, benchmark, log in record.jobs:
            folder, name = _place(benchmark)
            jobs[number] = Job(message, name, log)
        self.progress = Progress(jobs, self._known(folder), self.cores)
        self._print(self.progress.opening())
        threading.Thread(target=self._keep_saying, daemon=True).start()

    def _job(self, record: Any) -> None:
        if self.common_settings.dryrun and record.benchmark:
            self.folder, name = _place(str(record.benchmark))
            reason = record.reason
            # Snakemake writes a flag of a file behind its path.
            if self.strangers.intersection(str(one).split(" (")[0] for one in record.output):
                reason = reason.replace(planned.FORCED, planned.STRANGE)
            self.planned.append(planned.Planned(name, reason))
        elif self.progress and record.jobid in self.progress.jobs:
            self.progress.start(record.jobid)

    def _strangers(self, record: Any) -> None:
        self.strangers, self.stale = set(record.files), record.stale

    def _finished(self, record: Any) -> None:
        if self.progress and record.job_id in self.progress.jobs:
            self._print(self.progress.finish(record.job_id))

    def _failed(self, record: Any) -> None:
        """Which job, the end of its log, and where the log is."""
        if self.progress and record.jobid in self.progress.jobs:
            job = self.progress.fail(record.jobid)
            self._print(f"failed: {job.message}; the end of its log, {job.log}:")
            for line in self._log(job.log)[-20:]:
                self._print(f"    {line}")
        else:
            self._whole(record)

    def _error(self, record: Any) -> None:
        """An exception that is more than a job's own failure."""
        if getattr(record, "exception", "") != "RuleException":
            self._whole(record)

    def _message(self, record: Any) -> None:
        text = record.getMessage().strip()
        if text and not QUIET.match(text):
            self._whole(record)

    def _whole(self, record: Any) -> None:
        self._print(self.format(record))

    def _known(self, folder: Path) -> dict[str, float]:
        """Seconds by job: those of earlier runs here before the shipped ones."""
        shipped = estimates.table(store.load_text(SHIPPED)) if SHIPPED.is_file() else {}
        here = {**store.benchmarks(HERE / "results" / "benchmarks"), **store.benchmarks(folder)}
        return shipped | estimates.by_name(here)

    def _keep_saying(self) -> None:
        """What is running: every two seconds on a terminal, every minute elsewhere."""
        pause = threading.Event()
        while not pause.wait(2 if self.terminal else 60):
            with self.printing:
                if self.progress and not _interrupted() and self.progress.running:
                    self._status(self.progress.now(self._shares()))

    def _shares(self) -> dict[int, str]:
        """How far the running jobs are, by the last lines of their logs."""
        jobs = self.progress.jobs if self.progress else {}
        running = list(self.progress.running if self.progress else ())
        last = {job: (self._log(jobs[job].log) or [""])[-1] for job in running}
        return {job: line for job, line in last.items() if TOLD.match(line)}

    @staticmethod
    def _log(path: str) -> list[str]:
        """The lines of a job's log, none where there is none yet."""
        with contextlib.suppress(OSError):
            return store.load_text(Path(path)).splitlines()
        return []

    def _status(self, line: str) -> None:
        if self.terminal:
            width = os.get_terminal_size(self.stream.fileno()).columns
            self.stream.write(f"\r\033[K{line[: width - 1]}")
            self.stream.flush()
        else:
            self._print(line)

    def _print(self, line: str) -> None:
        line = visible(line, kept="\n\t")
        with self.printing:
            self.stream.write(f"\r\033[K{line}\n" if self.terminal else f"{line}\n")
            self.stream.flush()


def _interrupted() -> bool:
    """Whether the jobs end because the user asked for it: then nothing they do is worth a line."""
    return LOCK.exists() and LOCK.stat().st_size > 0


def _place(benchmark: str) -> tuple[Path, str]:
    """The folder of benchmarks that a job's file stands in, and the job's name there."""
    above, _, name = benchmark.rpartition("benchmarks/")
    return Path(above) / "benchmarks", name.removesuffix(".tsv")
