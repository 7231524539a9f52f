"""The notebooks of examples/: their stored outputs, and each executed from the first cell to the last."""

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from project import HERE

from superpos import exercises

STORE = SimpleNamespace(**runpy.run_path(str(HERE / "examples/store.py")))
NOTEBOOKS = sorted((HERE / "examples").glob("*.ipynb"))
COURSE = [path for path in NOTEBOOKS if path.name[0].isdigit()]
ONE_AND_OTHERS = [
    path if path.stem == "2_phase_diagram" else pytest.param(path, marks=pytest.mark.trial)
    for path in COURSE
]
MOST_BYTES = 600_000
ADDRESS = "https://github.com/someone/superpos"
SHORTER = {
    "1_bottleneck": {"replicates=8": "replicates=2", "steps=5000": "steps=2000"},
    "2_phase_diagram": {", 21]": ", 7]", 'superpos.draw("F5", phases)': "phases"},
    "3_geometry": {"[16_000]": "[50]", "[8000]": "[50]", "[4000]": "[1500]"},
    "4_dynamics_and_seeds": {"60_000": "20_000", "replicates=12": "replicates=4"},
    "5_stored_samples": {
        "sizes = [5, 30, 100, 300, 1000, 2000, 5000]": "sizes = [5, 300]",
        'sweep("S", ': 'sweep("S", steps=4000, evaluation={"strata": 400}, ',
        '"steps": 10_000': '"steps": 2000, "evaluation": {"samples": 2000}',
        'superpos.draw("S", path, vectors=sizes)': "path",
    },
    "tour": {
        ", 21]": ", 7]",
        'sweep("seed"': 'sweep("seed", steps=2000',
        "steps=5000": "steps=500",
    },
}
"""What the tests change to compute less."""


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def outputs(notebook, kind: str) -> list:
    return [o for c in notebook.cells for o in c.get("outputs", []) if kind in o.get("data", o)]


def said(cell) -> str:
    """The text that a cell printed or showed."""
    return "".join(o.get("text") or o.data.get("text/plain", "") for o in cell.outputs)


def checks(notebook) -> list:
    """The cells that end with an exercise, each with the solution in the text below it."""
    cells = list(zip(notebook.cells, notebook.cells[1:], strict=False))
    asked = [
        (c, below) for c, below in cells if c.cell_type == "code" and "\nexercises." in c.source
    ]
    return [
        (cell, re.search(r"<details>.*?```python\n(.*?)```.*?</details>", below.source, re.S)[1])
        for cell, below in asked
    ]


def shorter(path: Path) -> nbformat.NotebookNode:
    notebook = read(path)
    for old, new in SHORTER[path.stem].items():
        cells = [cell for cell in notebook.cells if cell.cell_type == "code" and old in cell.source]
        assert cells, old
        for cell in cells:
            cell.source = cell.source.replace(old, new)
    return notebook


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_stored_from_one_run_and_are_small(path):
    assert path.stat().st_size < MOST_BYTES
    notebook = read(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [*range(1, len(code) + 1)]
    assert outputs(notebook, "image/png")
    for output in (output for cell in code for output in cell.outputs):
        assert output.get("name", "stdout") == "stdout", output
        assert output.output_type != "error"
        assert not re.search(r"/(tmp|home|usr|work)/", str(output))


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_each_exercise_of_the_course_is_open_and_has_a_solution(path):
    found = checks(read(path))
    assert len(found) >= 4
    for cell, solution in found:
        assert solution.strip()
        assert said(cell).startswith("No answer yet."), cell.source


def test_each_exercise_is_asked():
    asked = {
        name
        for path in COURSE
        for cell, _ in checks(read(path))
        for name in re.findall(r"^exercises\.(\w+)", cell.source, re.M)
    }
    assert asked == {*exercises.__all__} - {"Checked"}


def test_the_text_begins_with_what_you_will_know_and_ends_with_what_to_try():
    for path in COURSE:
        cells = read(path).cells
        (first,) = [c for c in cells if c.cell_type == "markdown" and c.source.startswith("# ")]
        assert "At the end of this notebook you will know" in first.source
        assert "## Try next" in cells[-1].source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_badge_is_there_if_and_only_if_the_project_has_an_address(path):
    notebook = read(path)
    first = [cell for cell in notebook.cells if cell.id in STORE.HOSTED]
    wanted = STORE.hosted(path.stem, STORE.address())
    assert [cell.source for cell in first] == [cell.source for cell in wanted]


def test_the_badge_is_built_from_the_address_alone():
    notebook = read(COURSE[0])
    before = [cell.source for cell in notebook.cells]
    STORE.with_badge(notebook, "1_bottleneck", f"{ADDRESS}.git")
    badge, install = notebook.cells[:2]
    assert "/github/someone/superpos/blob/main/examples/1_bottleneck.ipynb)" in badge.source
    assert install.source.endswith(f'%pip install -q "superpos[figures] @ git+{ADDRESS}"')
    STORE.with_badge(notebook, "1_bottleneck", ADDRESS)
    assert [cell.source for cell in notebook.cells[2:]] == before
    STORE.with_badge(notebook, "1_bottleneck", "https://example.org/superpos")
    assert [cell.source for cell in notebook.cells] == before


@pytest.mark.slow
@pytest.mark.parametrize("path", ONE_AND_OTHERS, ids=lambda path: path.stem)
def test_with_its_solutions_a_notebook_runs_and_finds_all_of_them_right(
    path, tmp_path, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(HERE), prepend=":")
    notebook = shorter(path)
    for cell, solution in (asked := checks(notebook)):
        head, _, call = cell.source.rpartition("\nexercises.")
        cell.source = f"{head}\n{solution}\nexercises.{call}"
    STORE.run(notebook, tmp_path)
    assert [cell.source for cell, _ in asked if not said(cell).startswith("Right.")] == []


@pytest.mark.slow
@pytest.mark.trial
def test_the_tour_runs_from_the_seeds_question_to_a_phase_diagram(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE), prepend=":")
    tour = STORE.run(shorter(HERE / "examples/tour.ipynb"), tmp_path)
    assert len(outputs(tour, "image/png")) == 4
    text = "".join(said(cell) for cell in tour.cells if cell.cell_type == "code")
    assert "dimensionalities sum to" in text
    assert "superposition " in text


@pytest.mark.trial
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_stored_texts_are_those_of_a_full_run(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE), prepend=":")
    stored, again = read(path), read(path)
    STORE.tidy(STORE.run(again, tmp_path))
    for old, new in zip(stored.cells, again.cells, strict=True):
        if old.cell_type == "code":
            assert said(old) == said(new)
            assert len(old.outputs) == len(new.outputs)
