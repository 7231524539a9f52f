"""Read and write arrays, tables, pages and pictures; each file is checked when it is read."""

import os
from pathlib import Path

from superpos.storage import array_files, checksums, origins, table_files
from superpos.storage.array_files import (
    array_notes,
    kept_arrays,
    load_arrays,
    readable_arrays,
    save_arrays,
)
from superpos.storage.notes import Beside, Notes
from superpos.storage.table_files import load_table, save_table, table_notes
from superpos.storage.whole_files import (
    DamagedFile,
    benchmarks,
    check_origin,
    compiling_seconds,
    estimable,
    files_below,
    is_ordinary,
    read_bytes,
    remove,
    remove_empty,
    whole,
    write_bytes,
)

__all__ = [
    "DamagedFile", "array_notes", "benchmarks", "beside", "compiling_seconds", "content_digest",
    "estimable", "files_below", "is_ordinary", "kept_arrays", "load_arrays", "load_bytes", "load_table",
    "load_text", "origin", "readable_arrays", "remove", "remove_empty", "save_arrays", "save_bytes",
    "save_table", "table_notes", "whole",
]  # fmt: skip


def save_bytes(path: Path, content: bytes) -> None:
    """Write a page or picture with its origin and checksum, and any other file as it is."""
    write_bytes(path, checksums.with_checksum(content, Path(path).suffix, origins.expected(path)))


def load_bytes(path: Path) -> bytes:
    """All bytes of a file, marks included; raises DamagedFile if it is damaged or foreign."""
    content = read_bytes(path)
    check_origin(path, _verified_notes(path, content).origin)
    return content


def load_text(path: Path) -> str:
    """A text file without its marks; raises DamagedFile if it is damaged or foreign."""
    content = load_bytes(path)
    try:
        return checksums.verify_checksum(content, Path(path).suffix).decode()
    except ValueError as error:
        raise DamagedFile(path, f"it cannot be read ({error})") from None


def content_digest(path: Path) -> str:
    """A checksum of a page or picture without its marks; raises DamagedFile if it is damaged."""
    content = read_bytes(path)
    _verified_notes(path, content)
    return checksums.checksum(checksums.verify_checksum(content, Path(path).suffix))


def beside(path: Path, content: bytes) -> Beside:
    """The origin and checksum of a text file, which cannot carry marks, from the notes of its table."""
    return Beside(origin=origins.expected(path), checksum=checksums.checksum(content))


def origin(path: Path) -> str:
    """The origin that a file carries, read from only its start or end; "" if it carries none."""
    try:
        match path.suffix:
            case ".csv":
                noted = table_notes(path.with_suffix(".parquet")).beside
                same = noted and noted.checksum == checksums.checksum(path.read_bytes())
                return noted.origin if noted and same else ""
            case ".safetensors":
                return array_notes(path).origin
            case ".parquet":
                return table_notes(path).origin
            case form:
                return checksums.origin_mark(_end(path), form)
    except (OSError, ValueError):
        return ""


def _end(path: Path) -> bytes:
    with open(path, "rb") as file:
        file.seek(-min(checksums.MARKS_BYTES, os.fstat(file.fileno()).st_size), os.SEEK_END)
        return file.read()


def _verified_notes(path: Path, content: bytes) -> Notes:
    match Path(path).suffix:
        case ".safetensors":
            return array_files.verified_notes(path, content)
        case ".parquet":
            return table_files.verified_notes(path, content)
        case form:
            try:
                checksums.verify_checksum(content, form)
            except ValueError as error:
                raise DamagedFile(path, f"it cannot be read ({error})") from None
            return Notes(origin=checksums.origin_mark(content, form))
