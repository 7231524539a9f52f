"""The tiny pipeline, run once for all tests that start from its results."""

import os
import pickle
from pathlib import Path

# Each worker of pytest has about a core, and so has each of its processes.
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy and torch, which read it
# Pipelines of tests share one server of forks, tests/forked.py, instead of having one each.
os.environ.setdefault("SUPERPOS_FORK", "no")

import pytest
import shapes
from browser import CHROMIUM, chromium
from project import Project, fresh, once, tiny

shapes.check()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests of clusters and of killed runs wait more than they compute."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """A folder that all workers of this run of the tests share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def built(shared) -> Project:
    """The tiny pipeline after a run from empty results, by one worker for all. See `project`."""
    folder = shared / "built" / "project"
    once(shared / "built_printed", lambda: fresh(folder, tiny()).run())
    return Project(folder)


@pytest.fixture
def printed(built, shared) -> str:
    """What that run printed."""
    return pickle.loads((shared / "built_printed").read_bytes())


@pytest.fixture
def project(built, tmp_path) -> Project:
    """A copy of the pipeline that was run, to be changed."""
    return built.copy(tmp_path / "project")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A tab of a headless Chromium, for all tests that need one."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt install chromium")
    with chromium(tmp_path_factory.mktemp("profile")) as tab:
        yield tab
