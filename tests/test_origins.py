"""What is reused fits the settings: a file is what its own notes say, whatever its dates are."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from project import Project, fresh, tiny
from test_store import PAGES

from superpos.cli import stale
from superpos.storage import origins, store
from superpos.storage.store import DamagedFile

STORED = (".safetensors", ".parquet", ".svg", ".pdf", ".png", ".html")
SETS = "sets/models/density=0.3+importance"
SWAPS = {
    "trained models of another condition": (f"{SETS}=0.5/0-2.safetensors", f"{SETS}=1/0-2.safetensors"),
    "loss histories of another condition": (f"{SETS}=0.5/0-2.parquet", f"{SETS}=1/0-2.parquet"),
    "held-out samples": ("F1/evaluation.safetensors", "sets/evaluation.safetensors"),
    "models for the page": ("F1/explorer.safetensors", "sets/explorer.safetensors"),
    "pictures": ("figures/F1.svg", "figures/bars.svg"),
    "printed pictures": ("figures/F1.pdf", "figures/bars.pdf"),
    "small pictures": ("figures/F1.png", "figures/bars.png"),
    "conditions": ("F1/conditions.parquet", "sets/conditions.parquet"),
    "tables of one experiment": ("F1/runs.parquet", "F1/features.parquet"),
    "tables of two experiments": ("sets/history.parquet", "F1/history.parquet"),
    "verdicts": ("claims.parquet", "claims/intro.parquet"),
    "pages": ("report.html", "departures.html"),
}  # fmt: skip


def rotate(project: Project, names: Sequence[str]) -> None:
    """Give each result the content of the next; each keeps the dates of the place."""
    paths = [project.folder / "results" / name for name in names]
    contents = [path.read_bytes() for path in paths]
    for path, content in zip(paths, [*contents[1:], contents[0]], strict=True):
        dates = path.stat()
        path.write_bytes(content)
        os.utime(path, ns=(dates.st_atime_ns, dates.st_mtime_ns))


@pytest.mark.parametrize("what", [pytest.param(w, marks=pytest.mark.slow) for w in SWAPS])
def test_files_that_were_swapped_are_noticed_by_the_plan(project, what):
    rotate(project, SWAPS[what])
    planned = project.make("--dry-run")
    assert "because it was made with other settings or code" in planned


@pytest.mark.slow
def test_all_files_that_were_swapped_are_made_again(project):
    """Every file of a kind has another's content, whosever it is."""
    before = project.results()
    names = sorted(path.removeprefix("results/") for path in stale.planned(project.folder))
    for kind in STORED:
        rotate(project, [name for name in names if name.endswith(kind)])
    (project.folder / "results/claims.csv").write_text("claim,holds\n")
    project.make()
    assert project.results() == before
    assert (project.folder / "results/claims.csv").read_text().count("\n") > 1
    assert project.planned() == set()


@pytest.mark.slow
def test_results_of_another_checkout_are_taken_as_far_as_they_fit(built, tmp_path):
    config = tiny()
    config["seed"] = 1
    other = fresh(tmp_path / "other", config)
    shutil.copytree(built.folder / "results", other.folder / "results", dirs_exist_ok=True)
    other.make()
    own = fresh(tmp_path / "own", config)
    own.make()
    kept, made = other.results(), own.results()
    assert [name for name in made if kept[name] != made[name]] == []
    assert other.planned() == set()
    tables = other.folder.glob("results/*/runs.parquet")
    assert {store.table_notes(path).settings["seed"] for path in tables} == {1}


@pytest.mark.slow
def test_without_snakemakes_own_records_nothing_that_fits_is_made_again(project):
    shutil.rmtree(project.folder / ".snakemake")
    assert project.planned() == set()
    config = tiny()
    config["experiments"]["sets"]["optimizer"] = {"lr": 0.5}
    project.configure(config)
    planned = project.planned()
    assert {job for job in planned if job.startswith("train")} == {
        f"train sets: density=0.3+importance={i}, block 0-2" for i in (1, 0.5)
    }
    assert "metrics of F1" not in planned


@pytest.mark.slow
@pytest.mark.parametrize("what", ["a folder", "a pipe"])
def test_what_is_no_file_is_named_in_one_line(project, what):
    path = project.folder / "results/sets/runs.parquet"
    path.unlink()
    path.mkdir() if what == "a folder" else os.mkfifo(path)
    text = project.make(ok=False)
    said = "results: results/sets/runs.parquet: it is not a file; move it away and run `make` again"
    assert said in text.splitlines()
    assert "Traceback" not in text
    assert "Job " not in text


# The readers.


def write(path, kind):
    match kind:
        case "safetensors":
            store.save_arrays(path, {"x": np.ones(3)})
        case "parquet":
            store.save_table(path, pd.DataFrame({"x": [1.0]}))
        case _:
            (name,) = [name for name in PAGES if name.endswith(kind)]
            store.save_bytes(path, PAGES[name])


READERS = {
    "safetensors": [store.load_arrays, store.load_bytes],
    "parquet": [store.load_table, store.load_bytes],
    **{kind: [store.load_bytes] for kind in ("pdf", "png")},
    **{kind: [store.load_text, store.load_bytes] for kind in ("svg", "html")},
}


@pytest.mark.parametrize("kind", READERS)
def test_every_reader_refuses_a_file_of_another_origin(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(origins, "_EXPECTED", {})
    ours, theirs, unknown = (tmp_path / f"{name}.{kind}" for name in ("ours", "theirs", "unknown"))
    origins.expect({str(ours): "1" * 32, str(theirs): "2" * 32})
    for path in (ours, theirs, unknown):
        write(path, kind)
    assert [store.origin(path) for path in (ours, theirs, unknown)] == ["1" * 32, "2" * 32, ""]
    for load in READERS[kind]:
        load(ours)
    for stranger in (theirs, unknown):
        ours.write_bytes(stranger.read_bytes())
        for load in READERS[kind]:
            with pytest.raises(
                DamagedFile, match="it belongs to another run, or was made with different"
            ):
                load(ours)


@pytest.mark.parametrize("kind", READERS)
def test_a_damaged_file_has_no_origin_or_its_own(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(origins, "_EXPECTED", {})
    path = tmp_path / f"file.{kind}"
    origins.expect({str(path): "1" * 32})
    write(path, kind)
    content = path.read_bytes()
    for cut in range(0, len(content), 11):
        path.write_bytes(content[:cut])
        assert store.origin(path) in ("", "1" * 32)


def test_a_script_names_and_removes_a_file_that_is_not_its_own(tmp_path):
    table = tmp_path / "claims.parquet"
    store.save_table(table, pd.DataFrame({"x": [1.0]}))
    script = (
        "from superpos.storage import store; from superpos.cli.script_options import options\n"
        "args = options(table='path'); store.load_table(args.table)"
    )
    given = ["--table", str(table), "--origins", json.dumps({str(table): "1" * 32})]
    ended = subprocess.run(
        [sys.executable, "-c", script, *given], capture_output=True, text=True, check=False
    )
    assert ended.returncode
    assert ended.stderr == (
        f"-c: {table}: it belongs to another run, or was made with different settings or code; "
        "it was removed, and the next run rebuilds it\n"
    )
    assert not table.exists()


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "runs.parquet")
    (tmp_path / "models.safetensors").mkdir()
    with pytest.raises(DamagedFile, match=r"runs\.parquet: it is not a file"):
        store.load_table(tmp_path / "runs.parquet")
    with pytest.raises(DamagedFile, match=r"models\.safetensors: it is not a file"):
        store.load_arrays(tmp_path / "models.safetensors")


@pytest.mark.parametrize("content", [b"caf\xe9", b"caf\xc3\xa9"])
def test_a_damaged_file_that_no_job_makes_is_not_removed(tmp_path, content):
    """A person's own, such as the README that `make publish` reads."""
    (tmp_path / "README.md").write_bytes(content)
    read = (
        "from pathlib import Path; import sys; sys.argv = ['publish.py']\n"
        "from superpos.storage import store; from superpos.cli.script_options import options\n"
        "options(); print(store.load_text(Path('README.md')))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", read], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    whole = content.decode(errors="replace") == "café"
    assert (ended.returncode == 0) is whole
    assert whole or ended.stderr.startswith("publish: README.md: ")
    assert ended.stderr.count("\n") == (not whole)
    assert (tmp_path / "README.md").read_bytes() == content
