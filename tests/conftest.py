"""The tiny pipeline, run once for all tests that start from its results."""

import pytest
from project import Project, fresh, tiny


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Project:
    """The tiny pipeline after a run from empty results. Not to be changed: see `project`."""
    project = fresh(tmp_path_factory.mktemp("built") / "project", tiny())
    project.run()
    return project


@pytest.fixture
def project(built, tmp_path) -> Project:
    """A copy of the pipeline that was run, to be changed."""
    return built.copy(tmp_path / "project")
