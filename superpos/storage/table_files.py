"""Tables in Parquet files."""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from superpos.storage import checksums, origins
from superpos.storage.notes import NO_NOTES, Notes, of_json
from superpos.storage.whole_files import (
    CHECKSUM_DIFFERS,
    DamagedFile,
    check_origin,
    read_bytes,
    write_bytes,
)


def save_table(path: Path, table: pd.DataFrame, notes: Notes = NO_NOTES) -> None:
    """Write a table, with notes and a checksum in its metadata."""
    arrow, file = pa.Table.from_pandas(table, preserve_index=False), pa.BufferOutputStream()
    carried = notes.model_copy(update={"origin": origins.expected(path)}).to_json()
    metadata = {**(arrow.schema.metadata or {}), "superpos": carried}
    with pq.ParquetWriter(
        file, arrow.schema.with_metadata(metadata), compression="zstd", write_page_checksum=True
    ) as writer:
        writer.write_table(arrow.replace_schema_metadata(metadata))
        writer.add_key_value_metadata({"digest": checksums.PLACEHOLDER.decode()})
    write_bytes(path, checksums.fill_in_checksum(file.getvalue().to_pybytes()))


def load_table(path: Path) -> pd.DataFrame:
    """Read a table; raises DamagedFile if the file is damaged or foreign."""
    file, carried = _open(path, read_bytes(path))
    check_origin(path, carried.origin)
    return file.read().to_pandas()


def table_notes(path: Path) -> Notes:
    """The notes of a Parquet file, from its metadata alone; raises DamagedFile if it has none."""
    try:
        return _notes(pq.read_metadata(path))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def verified_notes(path: Path, content: bytes) -> Notes:
    """The notes of a Parquet file; raises DamagedFile if its checksum is wrong."""
    return _open(path, content)[1]


def _open(path: Path, content: bytes) -> tuple[pq.ParquetFile, Notes]:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        carried = _notes(file.metadata)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    metadata = file.metadata.metadata or {}
    if not checksums.is_intact(content, metadata.get(b"digest", b"").decode("latin-1")):
        raise DamagedFile(path, CHECKSUM_DIFFERS)
    return file, carried


def _notes(metadata: pq.FileMetaData) -> Notes:
    return of_json(json.loads((metadata.metadata or {}).get(b"superpos", b"{}")))


def _unreadable(path: Path, error: Exception) -> DamagedFile:
    return DamagedFile(path, f"it is not a readable Parquet file ({str(error).splitlines()[0]})")
