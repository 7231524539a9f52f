"""examples/tour.ipynb: kept without outputs, and executed from the first cell to the last."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

HERE = Path(__file__).parents[1]


@pytest.fixture
def tour() -> nbformat.NotebookNode:
    return nbformat.read(HERE / "examples/tour.ipynb", as_version=4)


def outputs(notebook, kind: str) -> list:
    return [o for c in notebook.cells for o in c.get("outputs", []) if kind in o.get("data", o)]


def test_it_is_kept_without_outputs(tour):
    for cell in tour.cells:
        assert not cell.get("outputs"), cell.source
        assert cell.get("execution_count") is None


def coarse(notebook: nbformat.NotebookNode) -> None:
    """Make its phase diagram one of 7 by 7 points, where it has 21 by 21."""
    (cell,) = [cell for cell in notebook.cells if ", 21]" in cell.source]
    cell.source = cell.source.replace(", 21]", ", 7]")


@pytest.mark.slow
def test_it_runs_from_the_seeds_question_to_a_phase_diagram(tour, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    coarse(tour)
    NotebookClient(tour, timeout=7200, resources={"metadata": {"path": tmp_path}}).execute()
    assert len(outputs(tour, "image/png")) == 4
    said = "".join(o["text"] for o in outputs(tour, "text"))
    assert "dimensionalities sum to" in said
    assert "superposition " in said.splitlines()[-3] + said.splitlines()[-2] + said.splitlines()[-1]
