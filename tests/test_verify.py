"""The manifest: what each file says, by stage; what differs is named, and versions that do."""

import os
import subprocess

import numpy as np
import pandas as pd
import pytest
from project import tiny
from test_stale import clean

from superpos.cli import verify
from superpos.storage import manifest, store
from superpos.storage.manifest import Manifest
from superpos.storage.notes import Notes

WEIGHTS = "sets/models/density=0.3+importance=0.5/0-2.safetensors"


def command(project, kept, *options: str) -> subprocess.CompletedProcess[str]:
    return project.python("-m", "superpos", "verify", "--manifest", kept, *options)


def test_results_are_what_their_manifest_says(built, tmp_path):
    kept = tmp_path / "results.digests"
    written = command(built, kept, "--write")
    assert written.returncode == 0, written.stderr
    checked = command(built, kept)
    assert checked.returncode == 0, checked.stdout
    assert "train: all 6 files match the manifest\n" in checked.stdout
    assert checked.stdout.endswith("same versions\n")
    text = kept.read_text()
    stages = [line[2:] for line in text.splitlines() if line.startswith("# ")][1:]
    assert stages == list(manifest.STAGES)
    listed = {line.split("  ")[1] for line in text.splitlines() if "  " in line}
    kinds = (".parquet", ".safetensors", ".svg", ".pdf", ".png", ".csv", ".html")
    present = {
        p.relative_to(built.folder / "results").as_posix()
        for p in (built.folder / "results").rglob("*")
        if p.suffix in kinds
    }
    assert listed == present


@pytest.mark.slow
def test_a_file_that_differs_is_missing_or_damaged_is_named_with_its_stage(project, tmp_path):
    kept, results = tmp_path / "results.digests", project.folder / "results"
    verify.write_manifest(project.folder, kept)
    (arrays, _), notes = store.load_arrays(results / WEIGHTS), store.array_notes(results / WEIGHTS)
    arrays["W"][0, 0, 0] = np.nextafter(arrays["W"][0, 0, 0], np.float32(1))
    store.save_arrays(results / WEIGHTS, arrays, notes)
    (results / "figures/F1.pdf").unlink()
    (results / "claims.parquet").write_bytes(b"PAR1")
    (results / "claims.csv").write_text("claim,verdict\n")
    (results / "figures/old.svg").write_text("damaged")
    page = (results / "report.html").read_bytes()
    (results / "report.html").write_bytes(page.replace(b"the", b"tha", 1))
    checked = command(project, kept)
    assert checked.returncode == 1
    assert f"train: these differ from the manifest\n  {WEIGHTS} differs\n" in checked.stdout
    assert "  figures/F1.pdf is missing\n" in checked.stdout
    assert "  claims.parquet is damaged\n" in checked.stdout
    assert "  claims.csv differs\n" in checked.stdout
    assert "  report.html is damaged\n" in checked.stdout
    assert "  figures/old.svg belongs to no planned job\n" in checked.stdout
    for what, cure in manifest.CURES.items():
        said = f"if a file {what}: {cure.format(make='make', manifest='', config='')}\n"
        assert (said in checked.stdout) == ("listed" not in what)
    assert "data: all 5 files match the manifest\n" in checked.stdout
    for name, what in (("claims.parquet", "is damaged"), ("figures/F1.pdf", "is missing")):
        refused = command(project, tmp_path / "other", "--write")
        assert refused.returncode == 1
        assert f"results/{name} {what}; run `make` before you write the manifest" in refused.stderr
        project.make(f"results/{name}")
    # What it says is what repairs it.
    for name in (WEIGHTS, "claims.csv", "report.html"):
        (results / name).unlink(missing_ok=True)
    project.make()
    assert [command(project, kept).returncode, clean(project)[0]] == [
        1,
        "removed results/figures/old.svg",
    ]
    assert command(project, kept).stdout.endswith("same versions\n")
    assert command(project, kept).returncode == 0


@pytest.mark.slow
def test_a_manifest_lists_the_plan_and_not_what_lies_beside_it(project, tmp_path):
    kept, results = tmp_path / "results.digests", project.folder / "results"
    os.mkfifo(results / "figures/older.png")
    (results / "figures/old.svg").write_text("damaged")
    assert command(project, kept, "--write").returncode == 0
    assert "old" not in kept.read_text()
    config = tiny()
    del config["figures"]["bars"]
    config["figures"]["more"] = {"draw": "seed_bars", "from": ["sets"]}
    project.configure(config)
    project.make()
    checked = command(project, kept)
    assert checked.returncode == 1
    assert "  figures/more.svg is not listed\n" in checked.stdout
    assert "  figures/bars.svg belongs to no planned job\n" in checked.stdout
    clean(project)
    assert "  figures/bars.svg is listed, but not planned\n" in command(project, kept).stdout


def test_a_pipe_where_a_result_belongs_is_damaged(project, tmp_path):
    kept, path = tmp_path / "results.digests", project.folder / "results/sets/runs.parquet"
    verify.write_manifest(project.folder, kept)
    path.unlink()
    os.mkfifo(path)
    assert "  sets/runs.parquet is damaged\n" in command(project, kept).stdout


def test_versions_that_differ_are_told():
    there = Manifest({"numpy": "1", "numba": "2"}, {})
    same, told = manifest.report(there, Manifest({"numpy": "3", "numba": "2"}, {}), [], {})
    assert same
    assert told.endswith("versions differ:\n  numpy: 3 here, 1 in the manifest")


def test_notes_on_versions_and_code_do_not_reach_the_digest(tmp_path):
    for folder, notes in (("a", Notes(code="1")), ("b", Notes(code="2"))):
        store.save_arrays(
            tmp_path / folder / "x/models/all/0-1.safetensors", {"W": np.ones(3)}, notes
        )
        store.save_table(tmp_path / folder / "theory/t.parquet", pd.DataFrame({"x": [1.0]}), notes)
    paths = ["x/models/all/0-1.safetensors", "theory/t.parquet"]
    there = verify.present(tmp_path / "a", paths)
    assert list(there.digests) == paths
    assert there == verify.present(tmp_path / "b", paths)


TABLE = pd.DataFrame({"x": [1.0, 2.0], "name": ["a", "b"], "W": [np.ones(2), np.zeros(2)]})
OTHERS = {
    "a value": TABLE.assign(x=[1.0, 2.0000000000000004]),
    "a text": TABLE.assign(name=["a", "c"]),
    "a list": TABLE.assign(W=[np.ones(2), np.array([0.0, 1e-300])]),
    "a column's name": TABLE.rename(columns={"x": "y"}),
    "a column's type": TABLE.assign(x=np.array([1, 2], np.float32)),
    "the order of rows": TABLE[::-1],
    "the order of columns": TABLE[["name", "x", "W"]],
    "a row less": TABLE[:1],
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_tables_digest_depends_on(what):
    assert manifest.table_digest(OTHERS[what]) != manifest.table_digest(TABLE)
    assert manifest.table_digest(TABLE.copy()) == manifest.table_digest(TABLE)


def test_a_manifest_comes_back_from_its_text():
    kept = Manifest({"python": "3"}, {"figures/F1.svg": "12", "F1/runs.parquet": "34"})
    assert manifest.from_text(manifest.to_text(kept)) == kept
    with pytest.raises(ValueError, match="line 2: 'what is this' is not a digest, two spaces"):
        manifest.from_text("# versions: {}\nwhat is this\n")


def test_a_manifest_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(ValueError, match="there is no such manifest; run this in a clone"):
        verify.verify(tmp_path, tmp_path / "results.digests")


@pytest.mark.parametrize(
    ("path", "stage"),
    [
        ("F1/conditions.parquet", "data"),
        ("training_sets/12.safetensors", "data"),
        ("F1/models/all/0-2.parquet", "train"),
        ("F1/history.parquet", "metrics"),
        ("claims/intro.parquet", "claims"),
        ("figures/F1.png", "figures"),
        ("theory/phase.parquet", "theory"),
        ("claims.csv", "claims"),
        ("report.html", "pages"),
        ("departures.html", "pages"),
        *(
            (path, None)
            for path in (
                "notes.txt",
                "figures/notes.txt",
                "variations/a/F1/runs.parquet",
                "benchmarks.parquet",
            )
        ),
        *((path, None) for path in ("logs/F1/x.log", "benchmarks/F1/x.tsv", "README.md")),
    ],
)
def test_a_files_stage_is_told_from_its_place(path, stage):
    assert manifest.stage_of_file(path) == stage
