"""Jobs as forks of one warm process: they behave like programs of their own, and end with those who asked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from forked import forks
from project import HERE, Project

WORKS = """
import os, sys
print(sys.argv[1:], sys.stdin.read(), os.getcwd(), os.environ["SAID"], os.getppid())
sys.exit(7)
"""
WAITS = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background jobs ignore
try:
    open(sys.argv[1], "w").write(str(os.getpid()))
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(3)
"""


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "forks"
    folder.mkdir()
    if not forks.possible(folder):
        pytest.skip("needs forks that can be waited for, as on Linux")
    with forks.started(folder, "json") as started:
        yield started


@pytest.fixture
def python(server, tmp_path):
    return str(tmp_path / "forks" / "python")


def script(folder: Path, text: str) -> str:
    (folder / "work.py").write_text(text)
    return str(folder / "work.py")


def waiting(python: str, folder: Path) -> tuple["subprocess.Popen[str]", psutil.Process]:
    """A program that waits, and the process that runs it."""
    note = folder / "pid"
    command = [python, script(folder, WAITS), str(note)]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while not (note.exists() and note.read_text()):
        assert client.poll() is None
        time.sleep(0.01)
    return client, psutil.Process(int(note.read_text()))


def ends(process: psutil.Process) -> bool:
    return not psutil.wait_procs([process], timeout=30)[1]


def run(python: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, script(folder, WORKS), "a", "b c"],
        **{"cwd": folder, "input": "given", "capture_output": True, "text": True, "check": False},
        env={**os.environ, "SAID": "word", **variables},
    )


def test_a_fork_has_the_words_input_folder_and_variables_of_its_program(server, python, tmp_path):
    ended = run(python, tmp_path)
    assert ended.returncode == 7, ended.stderr
    assert ended.stdout == f"['a', 'b c'] given {tmp_path} word {server.pid}\n"


@pytest.mark.parametrize(
    "name", ["a {x} b", 'it\'s "q"', "new\nline", "ünï \\x $HOME `id`", 120 * "ab"]
)
def test_the_path_of_python_may_have_any_name(tmp_path, monkeypatch, name):
    real, folder = tmp_path / name / "python", tmp_path / "forks"
    for made in (real.parent, folder):
        made.mkdir()
    real.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(real))
    with forks.started(folder, "json") as started:
        ended = run(str(folder / "python"), tmp_path)
    assert (ended.returncode, ended.stderr) == (7, "")
    assert ended.stdout == f"['a', 'b c'] given {tmp_path} word {started.pid}\n"


@pytest.mark.parametrize("name", ["a:b", 120 * "ab"])
def test_where_the_temporary_folder_cannot_hold_a_server_there_is_none(tmp_path, monkeypatch, name):
    (tmp_path / name).mkdir()
    monkeypatch.setattr(forks.tempfile, "tempdir", str(tmp_path / name))
    with forks.of_scripts(tmp_path, {"SAID": "word"}) as (environment, server):
        assert (environment, server) == ({"SAID": "word"}, None)


@pytest.mark.parametrize("other", [{"NUMBA_DEBUG": "0"}, {"SLURM_JOB_ID": "1"}])
def test_with_other_variables_of_libraries_it_is_a_process_of_its_own(
    server, python, tmp_path, other
):
    ended = run(python, tmp_path, **other)
    assert ended.returncode == 7, ended.stderr
    assert not ended.stdout.endswith(f" {server.pid}\n")


def test_without_a_server_it_is_a_process_of_its_own(server, python, tmp_path):
    server.stdin.close()
    server.wait()
    assert run(python, tmp_path).returncode == 7


def test_an_interrupt_reaches_the_fork_which_may_end_as_it_likes(python, tmp_path):
    client, fork = waiting(python, tmp_path)
    client.send_signal(signal.SIGINT)
    assert client.communicate()[0] == "interrupted\n"
    assert client.returncode == 3
    assert ends(fork)


def test_a_fork_ends_with_its_client(python, tmp_path):
    client, fork = waiting(python, tmp_path)
    client.kill()
    client.communicate()
    assert ends(fork)


def test_a_killed_fork_is_a_killed_program(python, tmp_path):
    client, fork = waiting(python, tmp_path)
    fork.kill()
    client.communicate()
    assert client.returncode == -signal.SIGKILL


def test_forks_end_with_the_server(server, python, tmp_path):
    client, fork = waiting(python, tmp_path)
    server.stdin.close()
    assert server.wait() == 0
    assert ends(fork)
    client.communicate()
    assert client.returncode == 1


@pytest.mark.slow
def test_the_process_whose_forks_the_jobs_are_has_imported_what_draws():
    """matplotlib takes a second, and each figure is a job."""
    lines = (
        *("import sys, forks", "for name in forks.SCRIPTS: __import__(name)"),
        "sys.exit('matplotlib.axes' not in sys.modules)",
    )
    path = {"PYTHONPATH": os.pathsep.join([str(HERE), str(HERE / "workflow")])}
    subprocess.run([sys.executable, "-c", "\n".join(lines)], env=os.environ | path, check=True)


@pytest.mark.slow
def test_a_run_with_forks_gives_the_same_results(built: Project, tmp_path, monkeypatch):
    """The jobs have imported their code before they start, and none of them is a new Python."""
    monkeypatch.setenv("SUPERPOS_FORK", "yes")
    project = built.copy(tmp_path / "project")
    given = project.results()
    for path in (project.folder / "results").rglob("*.parquet"):
        path.unlink()
    (project.folder / "sitecustomize.py").write_text(
        "import sys\n"
        "if any('workflow/scripts/' in word for word in sys.orig_argv):\n"
        "    open('new', 'a').close()\n"
    )
    subprocess.run(
        [sys.executable, "workflow/run.py"],
        **{"cwd": project.folder, "env": project.environment(), "check": True},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
    )
    assert project.results() == given
    assert (project.folder / "new").exists() != forks.possible(tmp_path)


def test_programs_of_a_project_run_its_own_code(project: Project):
    """The server that all copies of the project share has imported none of this code."""
    (project.folder / "where.py").write_text("import superpos\nprint(superpos.__file__)")
    assert Path(project.python("where.py").stdout).parents[1] == project.folder


@pytest.mark.parametrize(
    "sent", [b"", (100).to_bytes(8, "little"), (100).to_bytes(8, "little") + b"[1"]
)
def test_a_client_that_ends_within_its_request_does_not_stop_the_others(
    server, python, tmp_path, sent
):
    with forks.socket.socket(forks.socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "forks" / "socket"))
        client.sendall(sent)
    assert run(python, tmp_path).returncode == 7
