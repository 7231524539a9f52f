"""Files: whole or not there at all, the same bytes when written twice, damage named in one line."""

import io
import os
import resource
import signal
import subprocess
import sys

import matplotlib.image as mpimg
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from superpos.storage import checksums, store
from superpos.storage.notes import Notes
from superpos.storage.store import DamagedFile
from superpos.tables import stored

ARRAYS = {"W": np.arange(60, dtype=np.float32).reshape(2, 10, 3), "a": np.arange(5)}
TABLE = pd.DataFrame({"x": np.arange(1000) * 0.5, "name": ["a", "b"] * 500})
NOTES = Notes(versions={"numpy": "2"}, settings={"seed": 3}, about={"b": [1, 2], "a": 0})


def saved(folder, kind, name="file"):
    path = folder / f"{name}.{kind}"
    save = store.save_arrays if kind == "safetensors" else store.save_table
    save(path, ARRAYS if kind == "safetensors" else TABLE, NOTES)
    return path


def load(path):
    return (store.load_arrays if path.suffix == ".safetensors" else store.load_table)(path)


def test_arrays_and_notes_come_back(tmp_path):
    path = saved(tmp_path, "safetensors")
    arrays, about = store.load_arrays(path)
    assert about == NOTES.about
    assert store.array_notes(path) == NOTES
    assert {name: array.tolist() for name, array in arrays.items()} == {
        name: array.tolist() for name, array in ARRAYS.items()
    }


def test_tables_and_notes_come_back(tmp_path):
    path = saved(tmp_path, "parquet")
    pd.testing.assert_frame_equal(store.load_table(path), TABLE)
    assert store.table_notes(path) == NOTES


@pytest.mark.parametrize("kind", ["safetensors", "parquet"])
def test_writing_twice_gives_the_same_bytes(tmp_path, kind):
    contents = {saved(tmp_path, kind, name).read_bytes() for name in "abcde"}
    assert len(contents) == 1


def test_the_order_of_arrays_and_notes_does_not_reach_the_bytes(tmp_path):
    first = saved(tmp_path, "safetensors").read_bytes()
    arrays, about = (dict(reversed(d.items())) for d in (ARRAYS, NOTES.about))
    notes = NOTES.model_copy(update={"about": about})
    store.save_arrays(tmp_path / "other.safetensors", arrays, notes)
    assert (tmp_path / "other.safetensors").read_bytes() == first


@pytest.mark.parametrize("old", [None, "old"])
def test_an_exception_leaves_nothing_new_and_what_was_there(tmp_path, old):
    path = tmp_path / "folder" / "file.txt"
    if old:
        path.parent.mkdir()
        path.write_text(old)

    def half():
        with store.whole(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        half()
    assert [p.name for p in path.parent.iterdir()] == ([path.name] if old else [])
    assert not old or path.read_text() == old


def test_a_kill_leaves_nothing_that_looks_finished(tmp_path):
    path = tmp_path / "block.safetensors"
    script = (
        "import os, signal, sys; from pathlib import Path; from superpos.storage import store\n"
        "with store.whole(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_bytes(b'half'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, path], env={**os.environ}, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not path.exists()
    assert len(list(tmp_path.iterdir())) == 1
    assert list(store.readable_arrays(tmp_path)) == []
    assert saved(tmp_path, "safetensors", "block") == path
    assert len(list(store.readable_arrays(tmp_path))) == 1


def test_no_temporary_file_is_left_after_writing(tmp_path):
    path = saved(tmp_path, "parquet")
    assert list(tmp_path.iterdir()) == [path]


DAMAGES = {
    "cut to nothing": lambda content: b"",
    "cut in its head": lambda content: content[:6],
    "cut in half": lambda content: content[: len(content) // 2],
    "cut by a byte": lambda content: content[:-1],
    "a longer one": lambda content: content + b"more",
    "some other text": lambda content: b"no such file at all, but some text" * 20,
}


@pytest.mark.parametrize("kind", ["safetensors", "parquet"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_one_line_with_its_path_and_what_to_do(tmp_path, kind, damage):
    path = saved(tmp_path, kind)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(DamagedFile, match="delete it and run `make` again") as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("kind", ["safetensors", "parquet"])
def test_a_missing_file_is_one_line_with_its_path(tmp_path, kind):
    with pytest.raises(
        DamagedFile, match=rf"nothing\.{kind}: it cannot be read .*; run `make`"
    ) as caught:
        load(tmp_path / f"nothing.{kind}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["safetensors", "parquet"])
def test_a_flipped_bit_anywhere_is_noticed(tmp_path, kind):
    path = saved(tmp_path, kind)
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 8)
        path.write_bytes(flipped)
        with pytest.raises(DamagedFile):
            load(path)


PICTURE = io.BytesIO()
Figure((1, 1)).savefig(PICTURE, format="png")
PAGES = {
    "page.html": b"<html>\n</html>\n",
    "figure.svg": b"<svg></svg>\n",
    "figure.pdf": b"%PDF-1.4\n%%EOF\n",
    "figure.png": PICTURE.getvalue(),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_and_pictures_carry_a_digest_that_notices_any_flipped_bit(tmp_path, name):
    path = tmp_path / name
    store.save_bytes(path, PAGES[name])
    content = path.read_bytes()
    assert checksums.verify_checksum(content, path.suffix) == PAGES[name]
    for place in range(0, len(content), 3):
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 8)
        with pytest.raises(ValueError, match="checksum"):
            checksums.verify_checksum(bytes(flipped), path.suffix)
    with pytest.raises(ValueError, match="has no checksum"):
        checksums.verify_checksum(PAGES[name], path.suffix)


def test_a_png_with_its_checksum_is_still_a_picture(tmp_path):
    store.save_bytes(tmp_path / "figure.png", PAGES["figure.png"])
    ours, theirs = (
        mpimg.imread(f) for f in (tmp_path / "figure.png", io.BytesIO(PAGES["figure.png"]))
    )
    assert (ours == theirs).all()


def test_a_changed_picture_is_one_line_with_its_path(tmp_path):
    store.save_bytes(tmp_path / "figure.svg", PAGES["figure.svg"])
    text = (tmp_path / "figure.svg").read_text()
    (tmp_path / "figure.svg").write_text(text.replace("svg>", "sbg>", 1))
    with pytest.raises(
        DamagedFile, match=r"figure\.svg: it cannot be read \(its contents do not match"
    ):
        store.load_text(tmp_path / "figure.svg")


def test_a_benchmark_that_was_cut_short_is_passed_over(tmp_path):
    (tmp_path / "metrics.tsv").write_text("s\th:m:s\n1.5\t0:00:01\n")
    assert list(store.benchmarks(tmp_path).values()) == [1.5]
    (tmp_path / "metrics.tsv").write_text("")
    assert store.benchmarks(tmp_path) == {}


@pytest.mark.parametrize("kind", ["safetensors", "parquet"])
def test_a_file_that_does_not_fit_on_the_disk_is_one_line_and_leaves_nothing(tmp_path, kind):
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, limit[1]))
    try:
        with pytest.raises(OSError, match=rf"file\.{kind}: cannot be written: File too large"):
            saved(tmp_path, kind)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"table\.parquet: cannot be written: "):
        store.save_table(tmp_path / "file" / "table.parquet", TABLE)


def test_kept_arrays_may_be_missing_and_damaged_ones_are_removed(tmp_path, capsys):
    assert store.kept_arrays(tmp_path / "none") == {}
    path = saved(tmp_path, "safetensors")
    assert store.kept_arrays(path)["a"].tolist() == [0, 1, 2, 3, 4]
    path.write_bytes(path.read_bytes()[:-1])
    assert store.kept_arrays(path) == {}
    assert not path.exists()
    assert capsys.readouterr().out.startswith(f"{path}: its contents do not match its checksum")


def test_files_are_as_readable_as_the_umask_allows(tmp_path):
    old = os.umask(0o022)
    try:
        modes = {
            saved(tmp_path, kind).stat().st_mode & 0o777 for kind in ("safetensors", "parquet")
        }
    finally:
        os.umask(old)
    assert modes == {0o644}


def test_arrays_without_the_digest_are_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file(ARRAYS, tmp_path / "foreign.safetensors")
    with pytest.raises(DamagedFile, match="do not match its checksum"):
        store.load_arrays(tmp_path / "foreign.safetensors")


@pytest.mark.parametrize(
    "header",
    [
        b'{"__metadata__": {"superpos": "5"}}',
        b'{"__metadata__": {"superpos": "[1]"}}',
        b'{"__metadata__": null}',
        b'{"__metadata__": {"superpos": 5}}',
        b"[" * 100_000,
        b"5",
        b"null",
        b"{",
    ],
    ids=lambda header: header[:40],
)
def test_a_header_of_another_program_is_refused_in_one_line(tmp_path, header):
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(DamagedFile, match="not a readable safetensors file") as caught:
        store.load_arrays(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["safetensors", "parquet"])
def test_notes_that_are_not_a_files_own_are_named_in_one_line(tmp_path, kind):
    path = saved(tmp_path, kind)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"settings_digest", b"settings_different"[:15]))
    with pytest.raises(
        DamagedFile, match=r"settings_differ: Extra inputs are not permitted"
    ) as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_damaged_blocks_beside_whole_ones_are_passed_over_and_named(tmp_path, capsys):
    saved(tmp_path, "safetensors", "whole")
    damaged = saved(tmp_path, "safetensors", "damaged")
    damaged.write_bytes(damaged.read_bytes()[:100])
    assert [about for _, about in store.readable_arrays(tmp_path)] == [NOTES.about]
    assert capsys.readouterr().out.startswith(f"{damaged}: it is not a readable safetensors file")


def test_tables_of_theory_alone_can_be_judged(tmp_path):
    table = pd.DataFrame({"sparsity": [1.0], "gain": [2.0]})
    store.save_table(tmp_path / "gains.parquet", table)
    tables = stored.load_tables([], [tmp_path / "gains.parquet"])
    assert list(tables.theory) == ["gains"]
    assert len(tables.of().best().replicate(0).runs) == 0
