"""What `make` prints instead of Snakemake's log: a line for each finished job, with the time left.

Snakemake finds this module by its name. It passes Snakemake's events on to `superpos.progress`;
errors and warnings are printed as Snakemake words them.
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

from superpos.config import paper_files
from superpos.config.messages import visible
from superpos.progress import estimates, planned
from superpos.progress.status import ListedJob, PipelineStatus
from superpos.storage import store

HERE = Path(__file__).resolve().parents[3]
LOCK = HERE / ".snakemake" / "run.lock"
"""The lock of workflow/run.py, which writes to it after a signal, before it ends the jobs."""
PLAN = "plan"
"""The event in which workflow/rules/progress.smk names the jobs that have to run."""
OTHER_ORIGIN = "other origin"
"""The event in which workflow/rules/origins.smk names files that may not be reused, and stale ones."""

PROGRESS_LINE = re.compile(r"\d+% of |compiling kernels")
"""The lines of a job's log that report its progress."""

QUIET = re.compile(
    "None$|Building DAG|Using workflow specific profile|Assuming unrestricted|Provided |Job stats"
    "|Config file .+ is extended"
    "|Select jobs|host: |Rules claiming|Conda env|Complete log|This was a dry-run|Reasons"
    "|Workflow (run|final)|Elapsed time|Shutting down|Would remove|Removing|Using shell|Cannot restore"
)
"""Snakemake messages to suppress, because they tell the waiting user nothing."""


class LogHandler(LogHandlerBase):
    """Prints to stderr; on a terminal, the last line always shows what is running."""

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
        self.status: PipelineStatus | None = None
        self.planned: list[planned.PlannedJob] = []
        self.of_other_origin: set[str] = set()
        self.stale = ""
        self.costs: dict[str, float] = {}
        self.printing = threading.RLock()
        self.handlers = {
            LogEvent.RESOURCES_INFO: self._resources,
            PLAN: self._plan,
            OTHER_ORIGIN: self._other_origin,
            LogEvent.JOB_INFO: self._job,
            LogEvent.JOB_FINISHED: self._finished,
            LogEvent.JOB_ERROR: self._failed,
            LogEvent.GROUP_ERROR: self._print_as_it_is,
            LogEvent.ERROR: self._error,
            None: self._message,
        }

    def emit(self, record: logging.LogRecord) -> None:
        """Print what the user should know about the record, if anything."""
        if _interrupted():
            return
        try:
            handler = self.handlers.get(getattr(record, "event", None))
            if handler is not None:
                handler(record)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """At the end of the run, print the plan if it is a dry run, and any stale files."""
        if self.planned:
            known = self._known(self.folder)
            for line in planned.lines(self.planned, known, self.cores, self.costs):
                self._print(line)
            self.planned = []
        if self.stale:
            self._print(f"{self.stale}; `make clean-stale` removes them")
            self.stale = ""
        super().close()

    def _resources(self, record: Any) -> None:
        if count := getattr(record, "cores", None) or getattr(record, "nodes", None):
            self.cores = int(count)

    def _plan(self, record: Any) -> None:
        jobs = {}
        for number, message, benchmark, log in record.jobs:
            folder, name = _place(benchmark)
            jobs[number] = ListedJob(message, name, log)
        compiling = store.compiling_seconds
        self.status = PipelineStatus(
            jobs, self._known(folder), self.cores, compiling=compiling, costs=self.costs
        )
        self._print(self.status.opening())
        threading.Thread(target=self._keep_reporting, daemon=True).start()

    def _job(self, record: Any) -> None:
        if self.common_settings.dryrun and record.benchmark:
            self.folder, name = _place(str(record.benchmark))
            reason = record.reason
            # Snakemake writes the flags of a file after its path.
            if self.of_other_origin.intersection(str(one).split(" (")[0] for one in record.output):
                reason = reason.replace(planned.FORCED, planned.OTHER_ORIGIN)
            self.planned.append(planned.PlannedJob(name, reason))
        elif self.status and record.jobid in self.status.jobs:
            self.status.start(record.jobid)

    def _other_origin(self, record: Any) -> None:
        self.of_other_origin, self.stale, self.costs = set(record.files), record.stale, record.costs

    def _finished(self, record: Any) -> None:
        if self.status and record.job_id in self.status.jobs:
            self._print(self.status.finish(record.job_id))

    def _failed(self, record: Any) -> None:
        """Print which job failed, the end of its log, and the path of the log."""
        if self.status and record.jobid in self.status.jobs:
            job = self.status.fail(record.jobid)
            self._print(f"failed: {job.message}; the end of its log, {job.log}:")
            for line in self._log(job.log)[-20:]:
                self._print(f"    {line}")
        else:
            self._print_as_it_is(record)

    def _error(self, record: Any) -> None:
        """Print an exception, unless it only says that a job failed."""
        if getattr(record, "exception", "") != "RuleException":
            self._print_as_it_is(record)

    def _message(self, record: Any) -> None:
        text = record.getMessage().strip()
        if text and not QUIET.match(text):
            self._print_as_it_is(record)

    def _print_as_it_is(self, record: Any) -> None:
        self._print(self.format(record))

    def _known(self, folder: Path) -> dict[str, float]:
        """The seconds that the paper's jobs took in earlier runs here or, if unknown, in the shipped
        table."""
        paper = paper_files.paper_of_file(f"{folder}/")
        table = HERE / paper.published / "times.tsv"
        shipped = estimates.from_tsv(store.load_text(table)) if table.is_file() else {}
        here = {**store.estimable(HERE / paper.results / "benchmarks"), **store.estimable(folder)}
        return shipped | estimates.by_name(here)

    def _keep_reporting(self) -> None:
        """Print what is running, every two seconds on a terminal and every minute elsewhere."""
        pause = threading.Event()
        while not pause.wait(2 if self.terminal else 60):
            with self.printing:
                if self.status and not _interrupted() and self.status.running:
                    self._print_status(self.status.now(self._shares()))

    def _shares(self) -> dict[int, str]:
        """The progress of the running jobs, from the last lines of their logs."""
        jobs = self.status.jobs if self.status else {}
        running = list(self.status.running if self.status else ())
        last = {job: (self._log(jobs[job].log) or [""])[-1] for job in running}
        return {job: line for job, line in last.items() if PROGRESS_LINE.match(line)}

    @staticmethod
    def _log(path: str) -> list[str]:
        """The lines of a job's log; none if it does not exist."""
        with contextlib.suppress(store.DamagedFile):
            return store.load_text(Path(path)).splitlines()
        return []

    def _print_status(self, line: str) -> None:
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
    """Whether the user has ended the run, after which nothing more should be printed."""
    return LOCK.exists() and LOCK.stat().st_size > 0


def _place(benchmark: str) -> tuple[Path, str]:
    """The folder of benchmarks that holds a job's benchmark file, and the job's name."""
    above, _, name = benchmark.rpartition("benchmarks/")
    return Path(above) / "benchmarks", name.removesuffix(".tsv")
