"""Files: whole or not there at all, the same bytes when written twice, damage named in one line."""

import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from superpos import store
from superpos.store import DamagedFile

ARRAYS = {"W": np.arange(60, dtype=np.float32).reshape(2, 10, 3), "a": np.arange(5)}
TABLE = pd.DataFrame({"x": np.arange(1000) * 0.5, "name": ["a", "b"] * 500})
NOTES = {"seed": 3, "versions": {"numpy": "2"}, "b": [1, 2]}


def saved(folder, kind, name="file"):
    path = folder / f"{name}.{kind}"
    save = store.save_arrays if kind == "safetensors" else store.save_table
    save(path, ARRAYS if kind == "safetensors" else TABLE, NOTES)
    return path


def load(path):
    return (store.load_arrays if path.suffix == ".safetensors" else store.load_table)(path)


def test_arrays_and_notes_come_back(tmp_path):
    arrays, notes = store.load_arrays(saved(tmp_path, "safetensors"))
    assert notes == NOTES
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
    backwards = [dict(reversed(list(d.items()))) for d in (ARRAYS, NOTES)]
    store.save_arrays(tmp_path / "other.safetensors", *backwards)
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
        "import os, signal, sys; from pathlib import Path; from superpos import store\n"
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
    with pytest.raises(DamagedFile, match=rf"nothing\.{kind}: no ") as caught:
        load(tmp_path / f"nothing.{kind}")
    assert "\n" not in str(caught.value)


def test_any_flipped_bit_of_the_arrays_is_noticed(tmp_path):
    path = saved(tmp_path, "safetensors")
    content = path.read_bytes()
    data = len(content) - sum(a.nbytes for a in ARRAYS.values())
    for place in range(data, len(content), 7):
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 8)
        path.write_bytes(flipped)
        with pytest.raises(DamagedFile, match="do not fit the digest"):
            store.load_arrays(path)


def test_a_flipped_bit_of_a_tables_pages_is_noticed(tmp_path):
    path = saved(tmp_path, "parquet")
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    noticed = 0
    for place in range(4, footer, 37):
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 8)
        path.write_bytes(flipped)
        try:
            pd.testing.assert_frame_equal(store.load_table(path), TABLE)
        except DamagedFile:
            noticed += 1
    assert noticed > 0.9 * (footer - 4) / 37


def test_arrays_without_the_digest_are_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file(ARRAYS, tmp_path / "foreign.safetensors")
    with pytest.raises(DamagedFile, match="do not fit the digest"):
        store.load_arrays(tmp_path / "foreign.safetensors")


def test_damaged_blocks_beside_whole_ones_are_passed_over_and_named(tmp_path, capsys):
    saved(tmp_path, "safetensors", "whole")
    damaged = saved(tmp_path, "safetensors", "damaged")
    damaged.write_bytes(damaged.read_bytes()[:100])
    assert [notes for _, notes in store.readable_arrays(tmp_path)] == [NOTES]
    assert capsys.readouterr().out.startswith(f"{damaged}: no readable safetensors file")


def test_tables_of_theory_alone_can_be_judged(tmp_path):
    table = pd.DataFrame({"sparsity": [1.0], "gain": [2.0]})
    store.save_table(tmp_path / "gains.parquet", table, {})
    tables = store.load_tables([], [tmp_path / "gains.parquet"])
    assert list(tables.theory) == ["gains"]
    assert len(tables.of().best().replicate(0).runs) == 0
