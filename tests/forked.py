"""Run Python programs as forks of one warm process: a program then costs a fork, not its imports.

A server imports what the programs import. `client` makes a folder with a `python` that hands its command
line, folder, variables and open files to the server, and runs the real Python for what a fork cannot do.
In a fork `sys.executable` is that `python`, so the programs that it starts are forks too.
"""

import atexit
import contextlib
import functools
import gc
import inspect
import io
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from project import Project

FORKS = hasattr(os, "pidfd_open")
"""Whether this system has what the server needs: Linux does."""
CLIENT = """#!{python} -SE
import json, os, socket, sys
fixed, free = {fixed!r}, {free!r}
def real():
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
# What is imported when Python starts, and what libraries read when they are imported, is the server's.
at_start = {{k: v for k, v in os.environ.items() if k.startswith(fixed) and k not in free}}
if at_start != {variables!r}:
    real()
first, *more = sys.argv[1:] or [""]
if not (first.endswith(".py") or first in ("-m", "-c") and more):
    real()
if os.path.exists("sitecustomize.py"):
    with open("sitecustomize.py") as hook:
        if first.endswith(".py") and os.path.basename(first) in hook.read():
            real()
with socket.socket(socket.AF_UNIX) as to:
    to.connect({address!r})
    words = json.dumps([os.getcwd(), sys.argv[1:], dict(os.environ)]).encode()
    socket.send_fds(to, [len(words).to_bytes(8, "little")], [0, 1, 2])
    to.sendall(words)
    sys.exit(int.from_bytes(to.recv(1) or b"\\1", "little"))
"""
FIXED = (
    "PYTHON",
    "NUMBA_",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "MPL",
    "LANG",
    "LC_",
    "HOME",
    "XDG_",
    "TMPDIR",
)
"""How variables begin that libraries read when they are imported."""
FREE = (
    *("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR"),
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
)
"""Those of them that a fork may have otherwise: Snakemake gives each job its number of threads."""
LIBRARIES = (
    *("numpy", "pandas", "pyarrow.parquet", "numba", "torch", "matplotlib.figure", "jinja2", "networkx"),
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "plotly.offline", "yaml"),
    *("matplotlib.backends.backend_pdf", "pydantic", "safetensors.numpy", "psutil", "difflib"),
    *("snakemake.cli", "snakemake.api", "snakemake.workflow", "snakemake.dag", "snakemake.scheduling"),
    *("snakemake.report", "snakemake.logging", "snakemake.executors.local", "snakemake.persistence"),
)  # fmt: skip
PARTS = (
    *(
        "superpos.storage.store",
        "superpos.cli.script_options",
        "superpos.training.block",
        "superpos.training.fused",
    ),
    *(
        "superpos.metrics.stage",
        "superpos.report.explorer",
        "superpos.verdicts.judging",
        "superpos.report.page",
    ),
    *("superpos.plotting", "superpos.data.held_out"),
)
"""Modules of the scripts. All of these start no thread when they are imported."""


@functools.cache
def client() -> str:
    """The `python` of a server of this process, which has imported libraries alone: any copy of
    the project can use it."""
    if not FORKS:
        return sys.executable
    folder = Path(tempfile.mkdtemp(prefix="forks"))
    server = _started(folder, "libraries", cwd="/")
    atexit.register(shutil.rmtree, folder)
    atexit.register(server.communicate)
    atexit.register(server.terminate)
    return str(folder / "python")


def fork_jobs(project: "Project") -> None:
    """Let the project's jobs be forks, whatever runs them; not those that its sitecustomize.py names."""
    folder = Path(client()).parent
    project.edit("workflow/rules/common.smk", "export PATH=", f"export PATH={folder}:")


@contextlib.contextmanager
def forking(project: "Project", at_start: str = ""):
    """Let the project's jobs be forks of a server that has imported the project's code too.

    at_start: what this server, and no other process, runs when it starts.
    """
    if not FORKS:
        pytest.skip("needs forks that can be waited for, as on Linux")
    folder = project.folder / ".forks"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(at_start)
    own = project.environment()
    own["PYTHONPATH"] = os.pathsep.join([str(folder), own["PYTHONPATH"]])
    common = project.folder / "workflow/rules/common.smk"
    kept = common.read_text()
    project.edit("workflow/rules/common.smk", "export PATH=", f"export PATH={folder}:")
    with _started(folder, "parts", cwd=project.folder, env=own) as server:
        try:
            yield
        finally:
            server.terminate()
            common.write_text(kept)
            shutil.rmtree(folder)


def _started(folder: Path, what: str, **how) -> "subprocess.Popen[bytes]":
    """A server that is ready, and a `python` in the folder that asks it."""
    address = str(folder / "socket")
    variables = {k: v for k, v in os.environ.items() if k.startswith(FIXED) and k not in FREE}
    settings = {"python": sys.executable, "address": address, "variables": variables}
    python = folder / "python"
    python.write_text(CLIENT.format(**settings, fixed=FIXED, free=FREE))
    python.chmod(0o755)
    command = [sys.executable, str(Path(__file__).resolve()), what, address, str(python)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, **how)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return server


def _serve(what: str, address: str, python: str) -> None:
    for name in (*LIBRARIES, *(PARTS if what == "parts" else ())):
        __import__(name)
    _warm_up()
    own = {str(Path(__file__).parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    gc.freeze()
    base = [folder for folder in sys.path if folder not in own]
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(64)
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            size, files, _, _ = socket.recv_fds(connection, 8, 3)
            words = b""
            while len(words) < int.from_bytes(size, "little"):
                words += connection.recv(65536)
            child = os.fork()
            if child == 0:
                server.close()
                connection.close()
                sys.executable = python
                _end(_program(*json.loads(words), files, base))
            os.setpgid(child, child)
            for file in files:
                os.close(file)
            threading.Thread(target=_wait, args=(child, connection), daemon=True).start()


def _warm_up() -> None:
    """Let libraries do once, before all forks, what they do when they are first used."""
    import matplotlib
    import numba

    numba.njit(lambda x: x + 1)(1.0)
    inspect.getmodule(_warm_up.__code__)  # which pydantic asks, and looks through all modules
    figure = matplotlib.figure.Figure()
    figure.text(0, 0, "a")
    with matplotlib.rc_context({"pdf.fonttype": 42}):
        for kind in ("svg", "pdf", "png"):
            figure.savefig(io.BytesIO(), format=kind)


def _end(code: int) -> None:
    """End as Python does, but leave the memory to the system: there is much of it."""
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _wait(child: int, connection: socket.socket) -> None:
    """Send the child's exit code; if the client ends before it, kill it and what it has started."""
    ended = os.pidfd_open(child)
    if ended not in select.select([ended, connection], [], [])[0]:
        os.killpg(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(ended)
    with contextlib.suppress(OSError), connection:
        connection.sendall(bytes([code if 0 <= code < 256 else 1]))


def _program(folder, words, variables, files, base) -> int:
    """Run `python words`; the exit code."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    if count := variables.get("OMP_NUM_THREADS"):
        sys.modules["torch"].set_num_threads(int(count))
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in variables
    kind = words[0] if words[0] in ("-m", "-c") else ""
    sys.argv = words[bool(kind) :] if kind != "-c" else ["-c", *words[2:]]
    first = folder if kind else str(Path(words[0]).absolute().parent)
    own = filter(None, variables.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = [first, *own, *base]
    try:
        if kind == "-m":
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        elif kind == "-c":
            exec(words[1], {"__name__": "__main__"})
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
    _serve(*sys.argv[1:])
