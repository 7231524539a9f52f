"""The manifest: what each file says, by stage; what differs is named, and versions that do."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from superpos import manifest, store, verify
from superpos.manifest import Manifest

WEIGHTS = "sets/models/density=0.3+importance=0.5/0-2.safetensors"


def command(project, kept, *options: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "superpos", "verify", "--manifest", str(kept), *options]
    return subprocess.run(
        words,
        **{"cwd": project.folder, "env": project.environment(), "check": False, "text": True},
        capture_output=True,
    )


def test_results_are_what_their_manifest_says(built, tmp_path):
    kept = tmp_path / "results.digests"
    written = command(built, kept, "--write")
    assert written.returncode == 0, written.stderr
    checked = command(built, kept)
    assert checked.returncode == 0, checked.stdout
    assert "train: 6 files, all as in the manifest\n" in checked.stdout
    assert checked.stdout.endswith("same versions\n")
    text = kept.read_text()
    stages = [line[2:] for line in text.splitlines() if line.startswith("# ")][1:]
    assert stages == list(manifest.STAGES)
    listed = {line.split("  ")[1] for line in text.splitlines() if "  " in line}
    kinds = (".parquet", ".safetensors", ".svg", ".pdf", ".png")
    present = {
        p.relative_to(built.folder / "results").as_posix()
        for p in (built.folder / "results").rglob("*")
        if p.suffix in kinds
    }
    assert listed == present


def test_a_file_that_differs_is_missing_or_damaged_is_named_with_its_stage(project, tmp_path):
    kept, results = tmp_path / "results.digests", project.folder / "results"
    verify.write(results, kept)
    arrays, notes = store.load_arrays(results / WEIGHTS)
    arrays["W"][0, 0, 0] = np.nextafter(arrays["W"][0, 0, 0], np.float32(1))
    store.save_arrays(results / WEIGHTS, arrays, notes)
    (results / "figures/F1.pdf").unlink()
    (results / "claims.parquet").write_bytes(b"PAR1")
    checked = command(project, kept)
    assert checked.returncode == 1
    assert (
        f"train: 1 of 6 files are not as in the manifest\n  {WEIGHTS} differs\n" in checked.stdout
    )
    assert "  figures/F1.pdf is missing\n" in checked.stdout
    assert "  claims.parquet is damaged\n" in checked.stdout
    assert "the first stage that differs is train; later ones rest on it\n" in checked.stdout
    assert "data: 5 files, all as in the manifest\n" in checked.stdout
    refused = command(project, tmp_path / "other", "--write")
    assert "claims.parquet is damaged; run `make` before its manifest is written" in refused.stderr


def test_versions_that_differ_are_told():
    there = Manifest({"numpy": "1", "numba": "2"}, {})
    same, told = manifest.report(there, Manifest({"numpy": "3", "numba": "2"}, {}))
    assert same
    assert told.endswith("versions differ:\n  numpy: 3 here, 1 there")


def test_notes_on_versions_and_code_do_not_reach_the_digest(tmp_path):
    for folder, notes in (("a", {"code": "1"}), ("b", {"code": "2"})):
        store.save_arrays(
            tmp_path / folder / "x/models/all/0-1.safetensors", {"W": np.ones(3)}, notes
        )
        store.save_table(tmp_path / folder / "theory/t.parquet", pd.DataFrame({"x": [1.0]}), notes)
    assert verify.present(tmp_path / "a") == verify.present(tmp_path / "b")


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
    with pytest.raises(ValueError, match="line 2: 'what is this' is no digest, two blanks"):
        manifest.from_text("# versions: {}\nwhat is this\n")


def test_a_manifest_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(ValueError, match="no such manifest; `make manifest` writes it"):
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
        *(
            (path, None)
            for path in ("report.html", "variations/a/F1/runs.parquet", "benchmarks.parquet")
        ),
        *((path, None) for path in ("logs/F1/x.log", "benchmarks/F1/x.tsv", "README.md")),
    ],
)
def test_a_files_stage_is_told_from_its_place(path, stage):
    assert manifest.stage(path) == stage
