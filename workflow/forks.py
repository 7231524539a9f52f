"""Run Python programs as forks of one process that has imported what they need: a program then costs a
fork, where its imports would take a second of CPU time.

`started` starts the server and puts a `python` in a folder. That program passes its command line, folder,
environment variables, open files and signals to the server, and exits with the code of the fork. It runs the
real Python instead in a Slurm job, or if variables that libraries read at import differ from the server's.
All forks run the code that existed when the first one was requested.
"""

import atexit
import contextlib
import gc
import importlib
import inspect
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import Any

CLIENT = """
import json, os, signal, socket, sys
fixed, free = {fixed!r}, {free!r}
def real():
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
at_start = {{k: v for k, v in os.environ.items() if k.startswith(fixed) and k not in free}}
first, *more = sys.argv[1:] or [""]
if at_start != {variables!r} or not (first.endswith(".py") or first == "-m" and more):
    real()
{unless}
with socket.socket(socket.AF_UNIX) as to:
    try:
        to.connect({address!r})
    except OSError:
        real()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda given, frame: to.send(bytes([given])))
    words = json.dumps([os.getcwd(), sys.argv[1:], dict(os.environ)]).encode()
    socket.send_fds(to, [len(words).to_bytes(8, "little")], [0, 1, 2])
    to.sendall(words)
    code = int.from_bytes(to.recv(1) or b"\\1", "little")
if code > 128:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), code - 128)
sys.exit(code)
"""
START = """#!/bin/sh
exec {python} -SE {client} "$@"
"""
"""The program's start: a `#!` line cannot name a Python whose path is long or contains a space."""
FIXED = (
    *("PYTHON", "NUMBA_", "OMP_", "MKL_", "OPENBLAS_", "MPL", "LANG", "LC_", "HOME", "XDG_", "TMPDIR"),
    *("SLURM_", "CUDA_"),
)  # fmt: skip
"""Prefixes of the variables that must have the same value in a fork as in the server."""
FREE = (
    *("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR"),
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
)
"""Exceptions, which may differ in a fork: Snakemake sets the number of threads for each job."""
LONGEST_FOLDER = 100
"""The longest path of the folder in bytes, because a socket's address has at most 107."""
SCRIPTS = (
    *("superpos.cli.script_options", "superpos.training.block", "superpos.training.fused"),
    *("superpos.metrics.stage", "superpos.tables.stored", "superpos.verdicts.judging"),
    *("superpos.plotting.style", "superpos.data.held_out", "superpos.report.explorer"),
    "superpos.report.page",
)  # fmt: skip
"""The modules that the pipeline's scripts import. None of them starts a thread when it is imported."""


@contextlib.contextmanager
def of_scripts(
    checkout: Path, environment: Mapping[str, str]
) -> Iterator[tuple[Mapping[str, str], "subprocess.Popen[bytes] | None"]]:
    """The environment in which the pipeline's scripts run as forks, and the server; None if they do not.

    They do not if SUPERPOS_FORK is "no", or if the system does not support it.
    """
    with tempfile.TemporaryDirectory(prefix="superpos") as place:
        folder = Path(place)
        if environment.get("SUPERPOS_FORK") == "no" or not possible(folder):
            yield environment, None
            return
        with started(folder, *SCRIPTS, cwd=checkout, env=environment) as server:
            yield {**environment, "SUPERPOS_FORKS": place}, server


def possible(folder: Path) -> bool:
    """Whether the system reports when a fork ends, as Linux does, and the folder can hold a server.

    Programs in it must run, its path must be short enough for a socket, and PATH must be able to hold it.
    """
    (folder / "python").touch(0o755)
    short = len(os.fsencode(folder)) < LONGEST_FOLDER and os.pathsep not in str(folder)
    return short and hasattr(os, "pidfd_open") and os.access(folder / "python", os.X_OK)


@contextlib.contextmanager
def started(
    folder: Path, *modules: str, unless: str = "", **how: Any
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a server with its `python` in the folder; modules are imported when the first fork is requested.

    unless: code for the `python`, which may call `real()`; how: further arguments of Popen. The server
    and its forks end once this context and all processes that inherited the server's stdin have ended.
    """
    own = how.get("env", os.environ)
    settings = {
        "python": sys.executable,
        "address": str(folder / "socket"),
        "variables": {k: v for k, v in own.items() if k.startswith(FIXED) and k not in FREE},
    }
    python, client = folder / "python", folder / "client.py"
    client.write_text(
        CLIENT.format(**settings, fixed=FIXED, free=FREE, unless=unless), encoding="utf-8"
    )
    start = START.format(python=quote(sys.executable), client=quote(str(client)))
    python.write_bytes(os.fsencode(start))
    python.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as asked:
        asked.bind(settings["address"])
        asked.listen(64)
        command = [sys.executable, str(Path(__file__).resolve()), str(asked.fileno()), str(python)]
        own_way = {"stdin": subprocess.PIPE, "process_group": 0, "pass_fds": [asked.fileno()]}
        server = subprocess.Popen([*command, *modules], **{**own_way, **how})
    with server:
        yield server


class Server:
    """Forks this process for each client, until its stdin is closed."""

    def __init__(self, asked: str, python: str, *modules: str) -> None:
        self.asked = socket.socket(fileno=int(asked))
        self.python = python
        self.modules = modules
        self.base: list[str] = []
        self.clients: dict[int, tuple[int, socket.socket]] = {}
        """For each child a file that tells when it has ended, the child, and its client."""

    def serve(self) -> None:
        """Wait for clients, for their requests, and for forks to end."""
        while True:
            sent = {client: child for child, client in self.clients.values()}
            ready = select.select([sys.stdin, self.asked, *self.clients, *sent], [], [])[0]
            if sys.stdin in ready:
                break
            for file in ready:
                if file is self.asked:
                    self._fork(self.asked.accept()[0])
                elif file in self.clients:
                    self._ended(file)
                elif file in sent and file.fileno() >= 0:  # not closed by a child that has ended
                    _signal(sent[file], _received(file))
        for child, _ in self.clients.values():
            _signal(child, signal.SIGKILL)

    def _fork(self, client: socket.socket) -> None:
        """Read a client's request, and fork."""
        if not self.base:
            self._warm_up()
        size, files, _, _ = socket.recv_fds(client, 8, 3)
        words, length = b"", int.from_bytes(size, "little")
        while len(words) < length and (part := client.recv(65536)):
            words += part
        if not length or len(words) < length:  # The client has ended.
            for file in files:
                os.close(file)
            client.close()
            return
        with warnings.catch_warnings():
            # Python 3.12 warns of any other thread. There is one, of the allocator jemalloc, which pyarrow
            # brings; it is made for being forked.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            self.asked.close()
            for ended, (_, other) in self.clients.items():
                os.close(ended)
                other.close()
            client.close()
            sys.executable = self.python
            _end(_program(*json.loads(words), files, self.base))
        with contextlib.suppress(OSError):
            os.setpgid(child, child)
        for file in files:
            os.close(file)
        self.clients[os.pidfd_open(child)] = child, client

    def _ended(self, file: int) -> None:
        """Send the exit code of a child."""
        child, client = self.clients.pop(file)
        os.close(file)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with contextlib.suppress(OSError), client:
            client.sendall(bytes([code if code >= 0 else 128 - code]))

    def _warm_up(self) -> None:
        """Import the modules, and trigger what libraries do only on first use."""
        for name in self.modules:
            importlib.import_module(name)
        inspect.getmodule(_end.__code__)  # which pydantic asks, and looks through all modules
        if "numba" in sys.modules:
            sys.modules["numba"].njit(lambda x: x + 1)(1.0)
        if "matplotlib.figure" in sys.modules:
            _draw_nothing()
        own = {str(Path(__file__).parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)}
        self.base = [folder for folder in sys.path if folder not in own]
        gc.freeze()


def _draw_nothing() -> None:
    figure = sys.modules["matplotlib.figure"].Figure()
    figure.text(0, 0, "a")
    with sys.modules["matplotlib"].rc_context({"pdf.fonttype": 42}):
        for form in ("svg", "pdf", "png"):
            figure.savefig(io.BytesIO(), format=form)


def _received(client: socket.socket) -> int:
    """The signal that a client passes on, or SIGKILL if the client has ended."""
    with contextlib.suppress(ConnectionError):
        if given := client.recv(1):
            return given[0]
    return signal.SIGKILL


def _signal(child: int, number: int) -> None:
    """Send a signal to a child, and SIGKILL to all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if number == signal.SIGKILL else os.kill)(child, number)


def _end(code: int) -> None:
    """Exit as Python does, but let the system free the memory, because there is a lot of it."""
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _program(
    folder: str, words: list[str], variables: dict[str, str], files: list[int], base: list[str]
) -> int:
    """Run `python` with these arguments, and return the exit code."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    if "torch" in sys.modules and (count := variables.get("OMP_NUM_THREADS")):
        sys.modules["torch"].set_num_threads(int(count))
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in variables
    module = words[0] == "-m"
    sys.argv = words[module:]
    first = folder if module else str(Path(words[0]).absolute().parent)
    own = filter(None, variables.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = [first, *own, *base]
    try:
        if module:
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(words[0], run_name="__main__")
        return 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1


if __name__ == "__main__":
    Server(*sys.argv[1:]).serve()
