"""Run Snakemake so that a signal ends it and all of its jobs within seconds."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import psutil

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
GRACE_SECONDS = 1.0
"""How long the jobs, and then Snakemake, may take to end by themselves."""


class Interrupted(Exception):
    """Raised when a signal has ended Snakemake and all of its jobs."""


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    lock: TextIO,
    forks: "subprocess.Popen[bytes] | None",
) -> int:
    """Return Snakemake's exit code, or raise Interrupted after a signal.

    Snakemake gets its own process group, so that Ctrl-C in the terminal reaches only this process,
    which then ends the others in order. The lock file stays locked until all of them have ended.
    After a signal, this function writes "interrupted" to it, which silences the logger. The server of forks
    lives as long as Snakemake.
    """
    asked: list[int] = []
    kept = [file.fileno() for file in (lock, forks and forks.stdin) if file]
    how = {"cwd": folder, "env": environment, "pass_fds": kept}
    alone = {"stdin": subprocess.DEVNULL, "process_group": 0}
    with (
        _handled(lambda given, frame: asked.append(given)),
        subprocess.Popen(command, **how, **alone) as process,
    ):
        signal.signal(signal.SIGTSTP, lambda given, frame: _suspend(process.pid, forks))
        while not asked:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(timeout=0.2)
        lock.write("interrupted")
        lock.flush()
        _end(process)
    raise Interrupted


@contextlib.contextmanager
def _handled(handler: Callable[[int, Any], None]) -> Iterator[None]:
    """Let a function handle the signals that end a program, and later those that handled them before."""
    before = {number: signal.signal(number, handler) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handled in before.items():
            signal.signal(number, handled)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the group; kill the jobs that do not end in time, and then Snakemake."""
    if not _jobs(process.pid):
        process.kill()
    _signal(process.pid, signal.SIGINT)
    if not _ends(process):
        for job in _jobs(process.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                job.kill()
        _ends(process)
    _signal(process.pid, signal.SIGKILL)


def _ends(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process ends within GRACE_SECONDS."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=GRACE_SECONDS)
    return process.returncode is not None


def _jobs(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def _suspend(group: int, forks: "subprocess.Popen[bytes] | None") -> None:
    """Suspend the group, the forks and this process on Ctrl-Z; they continue when this process does."""
    jobs = [*_jobs(forks.pid)] if forks else []
    _signal(group, signal.SIGSTOP)
    for job in jobs:
        with contextlib.suppress(psutil.NoSuchProcess):
            job.suspend()
    os.kill(os.getpid(), signal.SIGSTOP)
    _signal(group, signal.SIGCONT)
    for job in jobs:
        with contextlib.suppress(psutil.NoSuchProcess):
            job.resume()
