"""The one module that touches the disk: whole files only, each checked when it is read."""

import io
import json
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load, save

from superpos.storage import checksums


class DamagedFile(ValueError):
    """A file that is missing, cut short or changed: path, what is wrong, what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}; delete it and run `make` again, which makes it anew")
        self.path, self.reason = path, reason


UNFIT = "its contents do not fit the digest it carries"
LONGEST_HEADER = 100_000_000
"""Bytes of a safetensors header that are read at most: the library has the same limit."""

Arrays = tuple[dict[str, np.ndarray], dict[str, Any]]
"""Named arrays, and the notes of their file."""


def _any(read: Arrays) -> None:
    """Take whatever was read."""


_EXPECTED: dict[Path, str] = {}
"""The origins of the files that this process reads and writes, where it was told them."""


def expect(origins: Mapping[str, str]) -> None:
    """Make every reader refuse a file of another origin, and every writer note it in the file."""
    _EXPECTED.update({Path(path): origin for path, origin in origins.items()})


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write; it becomes `path` in one step when it is complete, and only then."""
    path = Path(path)
    # Two machines may share the folder, and the number of a process.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise OSError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            temporary.unlink()


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], notes: Mapping[str, Any]) -> None:
    """Write named arrays and plain notes as safetensors."""
    arrays = {name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}
    # One metadata entry: safetensors writes several in no fixed order.
    carried = json.dumps(
        {**_noted(path, notes), "digest": checksums.EMPTY.decode()}, sort_keys=True
    )
    _write(path, checksums.filled(save(arrays, metadata={"superpos": carried})))


def load_arrays(path: Path, check: Callable[[Arrays], None] = _any) -> Arrays:
    """Named arrays and notes of a safetensors file; raises DamagedFile if it is not what it was.

    `check` raises a ValueError if the arrays are not what their reader can take.
    """
    read = _checked_arrays(path, check)
    _check_origin(path, read[1])
    return read


def readable_arrays(folder: Path, check: Callable[[Arrays], None] = _any) -> Iterator[Arrays]:
    """Arrays and notes of every whole safetensors file of a folder; damaged ones are passed over."""
    for path in sorted(folder.glob("[!.]*.safetensors")):
        try:
            yield _checked_arrays(path, check)
        except DamagedFile as damage:
            print(damage)


def kept_arrays(path: Path, check: Callable[[Arrays], None] = _any) -> Arrays:
    """Arrays and notes of a file that need not be there: none without it; a damaged one is removed."""
    try:
        return _checked_arrays(path, check) if path.exists() else ({}, {})
    except DamagedFile as damage:
        print(f"{path}: {damage.reason}; removed it, training anew")
        with suppress(OSError):
            remove(path)
        return {}, {}


def share_arrays(path: Path, arrays: Mapping[str, np.ndarray], notes: Mapping[str, Any]) -> None:
    """Write arrays for others, unless they are there; a folder that takes none costs no result."""
    try:
        if not path.exists():
            save_arrays(path, arrays, notes)
    except OSError as error:
        print(f"not shared: {error}")


def remove(path: Path) -> None:
    """Remove a file, if it is there."""
    path.unlink(missing_ok=True)


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove those of the folders that hold nothing, the inner ones first."""
    for folder in sorted(folders, key=lambda f: -len(f.parts)):
        with suppress(OSError):
            folder.rmdir()


def save_table(path: Path, table: pd.DataFrame, notes: Mapping[str, Any]) -> None:
    """Write a table as Parquet, notes and a digest of the file in its metadata."""
    arrow, file = pa.Table.from_pandas(table, preserve_index=False), pa.BufferOutputStream()
    carried = json.dumps(_noted(path, notes), sort_keys=True)
    metadata = {**(arrow.schema.metadata or {}), "superpos": carried}
    with pq.ParquetWriter(
        file, arrow.schema.with_metadata(metadata), compression="zstd", write_page_checksum=True
    ) as writer:
        writer.write_table(arrow.replace_schema_metadata(metadata))
        writer.add_key_value_metadata({"digest": checksums.EMPTY.decode()})
    _write(path, checksums.filled(file.getvalue().to_pybytes()))


def load_table(path: Path) -> pd.DataFrame:
    """A Parquet table; raises DamagedFile if it cannot be read or is not what it was."""
    table, notes = _table(path, _content(path))
    _check_origin(path, notes)
    return table


def table_notes(path: Path) -> dict[str, Any]:
    """The notes in a Parquet file's metadata."""
    try:
        metadata = pq.read_metadata(path).metadata or {}
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DamagedFile(path, f"no readable Parquet file ({reason})") from None
    return dict(json.loads(metadata.get(b"superpos", b"{}")))


def benchmarks(folder: Path) -> dict[Path, float]:
    """The seconds of each job, from Snakemake's benchmark files, by path within the folder.

    A file that was cut short is passed over: times are told, and decide nothing.
    """
    found = {}
    for path in sorted(folder.rglob("*.tsv")):
        with suppress(IndexError, ValueError):
            seconds = float(path.read_text(encoding="utf-8").splitlines()[1].split("\t")[0])
            found[path.relative_to(folder)] = seconds
    return found


def save_bytes(path: Path, content: bytes) -> None:
    """Write a page or picture with its origin and digest, any other file as it is."""
    _write(path, checksums.sealed(content, Path(path).suffix, _EXPECTED.get(Path(path), "")))


def load_bytes(path: Path) -> bytes:
    """A file as it stands, its digest and origin included; raises DamagedFile if they do not fit."""
    content = _content(path)
    _check_origin(path, _notes(path, content))
    return content


def load_text(path: Path) -> str:
    """A text file without the marks of a page or picture; raises DamagedFile if they do not fit."""
    content = _content(path)
    _check_origin(path, _notes(path, content))
    try:
        return checksums.opened(content, Path(path).suffix).decode()
    except ValueError as error:
        raise DamagedFile(path, f"no readable file ({error})") from None


def content_digest(path: Path) -> str:
    """A digest of a page or picture without its marks; raises DamagedFile if they do not fit."""
    content = _content(path)
    _notes(path, content)
    return checksums.digest(checksums.opened(content, Path(path).suffix))


def note(path: Path, content: bytes) -> dict[str, str]:
    """What a table's notes say, under "beside", of a file without room: that of the same name."""
    return {"origin": _EXPECTED.get(Path(path), ""), "digest": checksums.digest(content)}


def origin(path: Path) -> str:
    """The origin that a file carries, read from its head or end; "" if it carries none."""
    try:
        if path.suffix == ".csv":
            noted = table_notes(path.with_suffix(".parquet")).get("beside", {})
            fits = checksums.digest(path.read_bytes()) == noted.get("digest")
            return str(noted["origin"]) if fits else ""
        if path.suffix == ".safetensors":
            with open(path, "rb") as file:
                return str(_header_notes(file.read).get("origin", ""))
        if path.suffix == ".parquet":
            return str(table_notes(path).get("origin", ""))
        with open(path, "rb") as file:
            file.seek(-min(checksums.TAIL, os.fstat(file.fileno()).st_size), os.SEEK_END)
            return checksums.origin(file.read(), path.suffix)
    except (OSError, ValueError):
        return ""


def is_ordinary(path: Path) -> bool:
    """Whether a path is free or a file: no folder, pipe or device, nor anything below a file."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def files(folder: Path) -> Iterator[Path]:
    """All but folders in a folder and below, except what is hidden."""
    return (p for p in folder.rglob("[!.]*") if not p.is_dir())


def _noted(path: Path, notes: Mapping[str, Any]) -> dict[str, Any]:
    """The notes with the origin of the file, where it is known."""
    known = _EXPECTED.get(Path(path))
    return {**notes, "origin": known} if known else dict(notes)


def _check_origin(path: Path, notes: Mapping[str, Any]) -> None:
    expected = _EXPECTED.get(Path(path))
    if expected and notes.get("origin") != expected:
        raise DamagedFile(path, "it is of another run, or was made with other settings or code")


def _content(path: Path) -> bytes:
    """The bytes of a file. A pipe is not opened: it would keep its reader waiting for ever."""
    if not is_ordinary(path):
        raise DamagedFile(path, "it is not a file")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise DamagedFile(path, f"no readable file ({error.strerror or error})") from None


def _header_notes(read: Callable[[int], bytes]) -> dict[str, Any]:
    """The notes in the header of a safetensors file, of which `read` gives the next bytes."""
    length = int.from_bytes(read(8), "little")
    header = json.loads(read(min(length, LONGEST_HEADER)))
    if not isinstance(header, dict):
        raise ValueError("its header is not a mapping")
    return dict(json.loads(header.get("__metadata__", {}).get("superpos", "{}")))


def _arrays(path: Path, content: bytes) -> Arrays:
    try:
        notes = _header_notes(io.BytesIO(content).read)
    except ValueError as error:
        raise DamagedFile(path, f"no readable safetensors file ({error})") from None
    if not checksums.fits(content, str(notes.pop("digest", ""))):
        raise DamagedFile(path, UNFIT)
    return load(content), notes


def _checked_arrays(path: Path, check: Callable[[Arrays], None]) -> Arrays:
    read = _arrays(path, _content(path))
    try:
        check(read)
    except ValueError as error:
        raise DamagedFile(path, str(error)) from None
    return read


def _table(path: Path, content: bytes) -> tuple[pd.DataFrame, dict[str, Any]]:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        metadata = file.metadata.metadata or {}
        notes = json.loads(metadata.get(b"superpos", b"{}"))
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DamagedFile(path, f"no readable Parquet file ({reason})") from None
    if not checksums.fits(content, metadata.get(b"digest", b"").decode("latin-1")):
        raise DamagedFile(path, UNFIT)
    return file.read().to_pandas(), notes


def _notes(path: Path, content: bytes) -> dict[str, Any]:
    """The notes of a file of any form, its digest checked."""
    form = Path(path).suffix
    if form in (".safetensors", ".parquet"):
        return (_arrays if form == ".safetensors" else _table)(path, content)[1]
    try:
        checksums.opened(content, form)
    except ValueError as error:
        raise DamagedFile(path, f"no readable file ({error})") from None
    return {"origin": checksums.origin(content, form)}


def _write(path: Path, content: bytes) -> None:
    with whole(path) as temporary:
        temporary.write_bytes(content)
