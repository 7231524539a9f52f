"""Run the pipeline's scripts as forks of one warm process: a job then costs a fork, not its imports.

`forking` starts a server that has imported what the scripts import, and makes a folder with a `python` that
hands its command line, folder and open files to the server. With that folder first in PATH, the pipeline
runs unchanged.
"""

import contextlib
import os
import runpy
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

from project import Project

CLIENT = """#!{python} -SE
import os, socket, sys
if not (len(sys.argv) > 1 and sys.argv[1].startswith("workflow/scripts/")):
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as to:
    to.connect({address!r})
    words = "\\0".join([os.getcwd(), *sys.argv[1:]]).encode()
    socket.send_fds(to, [len(words).to_bytes(8, "little")], [0, 1, 2])
    to.sendall(words)
    sys.exit(int.from_bytes(to.recv(1) or b"\\1", "little"))
"""
PRELOADED = (
    *(
        "numpy",
        "pandas",
        "pyarrow.parquet",
        "numba",
        "matplotlib.figure",
        "jinja2",
        "networkx",
        "plotly.offline",
    ),
    *(
        "superpos.store",
        "superpos.command",
        "superpos.training",
        "superpos.engines.fused",
        "superpos.measuring",
    ),
    *(
        "superpos.explorer",
        "superpos.claims",
        "superpos.report",
        "superpos.figures",
        "superpos.evaluation",
    ),
)
"""Modules of the scripts that start no thread when they are imported."""


@contextlib.contextmanager
def forking(project: Project):
    """Let the project's jobs be forks: the folder with the `python` that forks is first in their PATH."""
    folder = project.folder / ".forks"
    folder.mkdir()
    address = str(folder / "socket")
    client = folder / "python"
    client.write_text(CLIENT.format(python=sys.executable, address=address))
    client.chmod(0o755)
    common = project.folder / "workflow/rules/common.smk"
    kept = common.read_text()
    project.edit("workflow/rules/common.smk", "export PATH=", f"export PATH={folder}:")
    command = [sys.executable, str(Path(__file__).resolve()), address]
    with subprocess.Popen(
        command, cwd=project.folder, env=project.environment(), stdout=subprocess.PIPE
    ) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield
        finally:
            server.terminate()
            common.write_text(kept)
            shutil.rmtree(folder)


def _serve(address: str) -> None:
    for name in PRELOADED:
        __import__(name)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(64)
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            _answer(connection)


def _answer(connection: socket.socket) -> None:
    """Fork for one job; a thread waits for the child and sends its exit code."""
    size, files, _, _ = socket.recv_fds(connection, 8, 3)
    words = b""
    while len(words) < int.from_bytes(size, "little"):
        words += connection.recv(65536)
    child = os.fork()
    if child == 0:
        os._exit(_job(words.decode().split("\0"), files))
    for file in files:
        os.close(file)
    threading.Thread(target=_wait, args=(child, connection), daemon=True).start()


def _wait(child: int, connection: socket.socket) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(OSError), connection:
        connection.sendall(bytes([code if 0 <= code < 256 else 1]))


def _job(words: list[str], files: list[int]) -> int:
    """Run the script as `python script ...` would; the exit code."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    folder, script, *given = words
    os.chdir(folder)
    sys.argv = [script, *given]
    try:
        runpy.run_path(script, run_name="__main__")
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


if __name__ == "__main__":
    _serve(sys.argv[1])
