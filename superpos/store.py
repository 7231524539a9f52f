"""The one module that touches the disk: whole files only, each checked when it is read."""

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load, save

from superpos import seals
from superpos.tables import RUN, Tables


class DamagedFile(ValueError):
    """A file that is missing, cut short or changed: path, what is wrong, what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}; delete it and run `make` again, which makes it anew")
        self.path, self.reason = path, reason


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
    carried = json.dumps({**notes, "digest": seals.EMPTY.decode()}, sort_keys=True)
    _write(path, seals.filled(save(arrays, metadata={"superpos": carried})))


def load_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Named arrays and notes of a safetensors file; DamagedFile where its digest does not fit."""
    try:
        content = Path(path).read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        notes = json.loads(header.get("__metadata__", {}).get("superpos", "{}"))
    except (OSError, ValueError, AttributeError) as error:
        raise DamagedFile(path, f"no readable safetensors file ({error})") from None
    if not seals.fits(content, str(notes.pop("digest", ""))):
        raise DamagedFile(path, "its contents do not fit the digest it carries")
    return load(content), notes


def readable_arrays(folder: Path) -> Iterator[tuple[dict[str, np.ndarray], dict[str, Any]]]:
    """Arrays and notes of every whole safetensors file of a folder; damaged ones are passed over."""
    for path in sorted(folder.glob("[!.]*.safetensors")):
        try:
            yield load_arrays(path)
        except DamagedFile as damage:
            print(damage)


def kept_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and notes of a file that need not be there: none without it; a damaged one is removed."""
    try:
        return load_arrays(path) if path.exists() else ({}, {})
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


def save_table(path: Path, table: pd.DataFrame, notes: Mapping[str, Any]) -> None:
    """Write a table as Parquet, notes and a digest of the file in its metadata."""
    arrow, file = pa.Table.from_pandas(table, preserve_index=False), pa.BufferOutputStream()
    metadata = {**(arrow.schema.metadata or {}), "superpos": json.dumps(notes, sort_keys=True)}
    with pq.ParquetWriter(
        file, arrow.schema.with_metadata(metadata), compression="zstd", write_page_checksum=True
    ) as writer:
        writer.write_table(arrow.replace_schema_metadata(metadata))
        writer.add_key_value_metadata({"digest": seals.EMPTY.decode()})
    _write(path, seals.filled(file.getvalue().to_pybytes()))


def load_table(path: Path) -> pd.DataFrame:
    """A Parquet table; DamagedFile where it cannot be read or its digest does not fit."""
    try:
        content = Path(path).read_bytes()
        file = pq.ParquetFile(pa.BufferReader(content))
        carried = (file.metadata.metadata or {}).get(b"digest", b"").decode()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DamagedFile(path, f"no readable Parquet file ({reason})") from None
    if not seals.fits(content, carried):
        raise DamagedFile(path, "its contents do not fit the digest it carries")
    return file.read().to_pandas()


def table_notes(path: Path) -> dict[str, Any]:
    """The notes in a Parquet file's metadata."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DamagedFile(path, f"no readable Parquet file ({reason})") from None
    return dict(json.loads(metadata.get(b"superpos", b"{}")))


def load_tables(
    experiments: Iterable[Path], theory: Iterable[Path] = (), along: bool = True
) -> Tables:
    """The tables of the experiments' folders, one below the other, and theory tables by name.

    along: with the loss histories and the checkpoints, which are long.
    """
    kinds = ("runs", "features", "history", "checkpoints") if along else ("runs", "features")
    tables = {
        kind: [load_table(folder / f"{kind}.parquet") for folder in experiments] for kind in kinds
    }
    joined = {kind: pd.concat(parts, ignore_index=True) for kind, parts in tables.items() if parts}
    empty = {kind: pd.DataFrame(columns=[*RUN, "rank"]) for kind in ("runs", "features")}
    return Tables(**(empty | joined), theory={path.stem: load_table(path) for path in theory})


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
    """Write a page or picture with its digest, any other file as it is."""
    _write(path, seals.sealed(content, Path(path).suffix))


def load_bytes(path: Path) -> bytes:
    """A file as it is."""
    return Path(path).read_bytes()


def load_text(path: Path) -> str:
    """A text file; DamagedFile where it is a page or picture whose digest does not fit."""
    try:
        return seals.opened(Path(path).read_bytes(), Path(path).suffix).decode()
    except (OSError, ValueError) as error:
        raise DamagedFile(path, f"no readable file ({error})") from None


def content_digest(path: Path) -> str:
    """A digest of a page or picture without the one it carries; DamagedFile where that fits not."""
    try:
        return seals.digest(seals.opened(Path(path).read_bytes(), Path(path).suffix))
    except (OSError, ValueError) as error:
        raise DamagedFile(path, f"no readable file ({error})") from None


def files(folder: Path) -> Iterator[Path]:
    """The files of a folder and those below, but for hidden ones."""
    return (p for p in folder.rglob("[!.]*") if p.is_file())


def _write(path: Path, content: bytes) -> None:
    with whole(path) as temporary:
        temporary.write_bytes(content)
