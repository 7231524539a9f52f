"""The notebooks of examples/: kept without outputs, and executed from the first cell to the last."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

HERE = Path(__file__).parents[1]


NOTEBOOKS = sorted((HERE / "examples").glob("*.ipynb"))


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(HERE / "examples" / name, as_version=4)


def executed(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    client = NotebookClient(notebook, timeout=7200, resources={"metadata": {"path": folder}})
    return client.execute()


def outputs(notebook, kind: str) -> list:
    return [o for c in notebook.cells for o in c.get("outputs", []) if kind in o.get("data", o)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_without_outputs(path):
    for cell in read(path.name).cells:
        assert not cell.get("outputs"), cell.source
        assert cell.get("execution_count") is None


def replaced(notebook: nbformat.NotebookNode, old: str, new: str) -> None:
    """Change the one cell that has these words."""
    (cell,) = [cell for cell in notebook.cells if old in cell.source]
    cell.source = cell.source.replace(old, new)


@pytest.mark.slow
def test_it_runs_from_the_seeds_question_to_a_phase_diagram(tmp_path, monkeypatch):
    """With a phase diagram of 7 by 7 points, where it has 21 by 21."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    tour = read("tour.ipynb")
    replaced(tour, ", 21]", ", 7]")
    executed(tour, tmp_path)
    assert len(outputs(tour, "image/png")) == 4
    said = "".join(o["text"] for o in outputs(tour, "text"))
    assert "dimensionalities sum to" in said
    assert "superposition " in said.splitlines()[-3] + said.splitlines()[-2] + said.splitlines()[-1]


@pytest.mark.slow
def test_it_runs_from_five_stored_samples_to_a_pentagon_of_features(tmp_path, monkeypatch):
    """With three of its eight training sets."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    walk = read("double_descent.ipynb")
    replaced(walk, "sizes = [5, 10, 30, 100, 300, 1000, 2000, 5000]", "sizes = [5, 30, 1000]")
    executed(walk, tmp_path)
    assert len(outputs(walk, "image/png")) == 1
    said = "".join(o["text"] for o in outputs(walk, "text"))
    assert "can be stored: True\n1 % smaller: False" in said
    (table,) = [
        o for o in outputs(walk, "text/html") if "features_above" in o["data"]["text/plain"]
    ]
    rows = [line.split() for line in table["data"]["text/plain"].splitlines()[1:]]
    assert [row[1] for row in rows] == ["5", "30", "1000"]
    assert float(rows[0][2]) < 0.001 < float(rows[2][2])
    assert float(rows[0][-1]) <= 2 < float(rows[2][-1])
