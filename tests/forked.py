"""The programs of tests as forks of a warm process, so that each costs no imports: `workflow/forks.py`."""

import atexit
import contextlib
import functools
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))
import forks

if TYPE_CHECKING:
    from project import Project

LIBRARIES = (
    *("numpy", "pandas", "pyarrow.parquet", "numba", "torch", "matplotlib.figure", "jinja2", "networkx"),
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "plotly.offline", "yaml"),
    *("matplotlib.backends.backend_pdf", "pydantic", "safetensors.numpy", "psutil", "difflib"),
    *("snakemake.cli", "snakemake.api", "snakemake.workflow", "snakemake.dag", "snakemake.scheduling"),
    *("snakemake.report", "snakemake.logging", "snakemake.executors.local", "snakemake.persistence"),
)  # fmt: skip
REAL_WHERE_HOOKED = """
if os.path.exists("sitecustomize.py"):
    with open("sitecustomize.py") as hook:
        if first.endswith(".py") and os.path.basename(first) in hook.read():
            real()
"""
"""Python itself runs a script that the folder's sitecustomize.py names."""


@functools.cache
def client() -> str:
    """The `python` of a server of this process, which has imported libraries alone: any copy of
    the project can use it."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = Path(tempfile.mkdtemp(prefix="forks"))
    stack.callback(shutil.rmtree, folder)
    if not forks.possible(folder):
        return sys.executable
    stack.enter_context(forks.started(folder, *LIBRARIES, unless=REAL_WHERE_HOOKED, cwd="/"))
    return str(folder / "python")


def fork_jobs(project: "Project") -> None:
    """Let the project's jobs be forks, whatever runs them; not those that its sitecustomize.py names."""
    folder = Path(client()).parent
    project.edit("workflow/rules/common.smk", "export PATH=", f"export PATH={folder}:")


@contextlib.contextmanager
def forking(project: "Project", *libraries: str, at_start: str = ""):
    """Let the project's jobs be forks of a server that has imported the project's code too.

    libraries: what else it has imported, such as torch, which the reference engine needs.
    at_start: what this server, and no other process, runs when it starts.
    """
    folder = project.folder / ".forks"
    folder.mkdir()
    if not forks.possible(folder):
        pytest.skip("needs forks that can be waited for, as on Linux")
    (folder / "sitecustomize.py").write_text(at_start)
    own = project.environment()
    own["PYTHONPATH"] = os.pathsep.join([str(folder), own["PYTHONPATH"]])
    common = project.folder / "workflow/rules/common.smk"
    kept = common.read_text()
    project.edit("workflow/rules/common.smk", "export PATH=", f"export PATH={folder}:")
    with forks.started(
        *(folder, *libraries, *forks.SCRIPTS), unless=REAL_WHERE_HOOKED, cwd=project.folder, env=own
    ):
        try:
            yield
        finally:
            common.write_text(kept)
            shutil.rmtree(folder)
