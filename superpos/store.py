"""The one module that touches the disk: whole files only, each checked when it is read."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from superpos.tables import RUN, Tables


class DamagedFile(ValueError):
    """A file that is missing, cut short or changed: path, what is wrong, what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}; delete it and run `make` again, which makes it anew")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write; it becomes `path` in one step when it is complete, and only then."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], notes: Mapping[str, Any]) -> None:
    """Write named arrays and plain notes as safetensors."""
    arrays = {name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}
    # One metadata entry: safetensors writes several in no fixed order.
    metadata = {"superpos": json.dumps({**notes, "digest": _digest(arrays)}, sort_keys=True)}
    with whole(path) as temporary:
        save_file(arrays, temporary, metadata=metadata)


def load_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Named arrays and notes of a safetensors file; DamagedFile where its digest does not fit."""
    try:
        with safe_open(path, framework="numpy") as file:
            notes = json.loads((file.metadata() or {}).get("superpos", "{}"))
            arrays = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (SafetensorError, OSError, ValueError) as error:
        raise DamagedFile(path, f"no readable safetensors file ({error})") from None
    if notes.pop("digest", None) != _digest(arrays):
        raise DamagedFile(path, "its contents do not fit the digest it carries")
    return arrays, notes


def readable_arrays(folder: Path) -> Iterator[tuple[dict[str, np.ndarray], dict[str, Any]]]:
    """Arrays and notes of every whole safetensors file of a folder; damaged ones are passed over."""
    for path in sorted(folder.glob("[!.]*.safetensors")):
        try:
            yield load_arrays(path)
        except DamagedFile as damage:
            print(damage)


def save_table(path: Path, table: pd.DataFrame, notes: Mapping[str, Any]) -> None:
    """Write a table as Parquet, notes in its metadata, a checksum with every page."""
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    metadata = {**(arrow.schema.metadata or {}), "superpos": json.dumps(notes, sort_keys=True)}
    with whole(path) as temporary:
        pq.write_table(
            arrow.replace_schema_metadata(metadata),
            temporary,
            compression="zstd",
            write_page_checksum=True,
        )


def load_table(path: Path) -> pd.DataFrame:
    """A Parquet table; DamagedFile where it cannot be read or a checksum does not fit."""
    try:
        return pq.read_table(path, page_checksum_verification=True).to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DamagedFile(path, f"no readable Parquet file ({reason})") from None


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
    """The seconds of each job, from Snakemake's benchmark files, by path within the folder."""
    tables = {path: pd.read_csv(path, sep="\t") for path in sorted(folder.rglob("*.tsv"))}
    return {path.relative_to(folder): float(t["s"].sum()) for path, t in tables.items()}


def save_bytes(path: Path, content: bytes) -> None:
    """Write a file as it is."""
    with whole(path) as temporary:
        temporary.write_bytes(content)


def load_text(path: Path) -> str:
    """A text file."""
    return Path(path).read_text(encoding="utf-8")


def load_bytes(path: Path) -> bytes:
    """A file as it is."""
    return Path(path).read_bytes()


def _digest(arrays: Mapping[str, np.ndarray]) -> str:
    state = hashlib.blake2b(digest_size=16)
    for name, array in sorted(arrays.items()):
        state.update(f"{name} {array.dtype} {array.shape};".encode())
        state.update(np.ascontiguousarray(array).tobytes())
    return state.hexdigest()
