"""Named arrays in safetensors files."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from pydantic import JsonValue
from safetensors.numpy import load, save

from superpos.storage import checksums, origins
from superpos.storage.notes import NO_NOTES, Notes, of_json
from superpos.storage.whole_files import (
    CHECKSUM_DIFFERS,
    DamagedFile,
    check_origin,
    read_bytes,
    remove,
    write_bytes,
)

LONGEST_HEADER = 100_000_000
"""At most this many bytes of a safetensors header are read; the library has the same limit."""

StoredArrays = tuple[dict[str, np.ndarray], dict[str, JsonValue]]
"""Named arrays, and the field `about` of their notes."""
Check = Callable[[StoredArrays], None]
"""A function that raises a ValueError if the reader cannot use the arrays."""


def _accept(arrays: StoredArrays) -> None:
    pass


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], notes: Notes = NO_NOTES) -> None:
    """Write named arrays and notes."""
    arrays = {name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}
    with_origin = notes.model_copy(update={"origin": origins.expected(path)})
    # There is only one metadata entry, because safetensors writes several in an arbitrary order.
    text = with_origin.to_json(digest=checksums.PLACEHOLDER.decode())
    write_bytes(path, checksums.fill_in_checksum(save(arrays, metadata={"superpos": text})))


def load_arrays(path: Path, check: Check = _accept) -> StoredArrays:
    """Read named arrays; raises DamagedFile if the file is damaged, foreign or refused by `check`."""
    arrays, carried = _load(path, read_bytes(path), check)
    check_origin(path, carried.origin)
    return arrays, carried.about


def readable_arrays(folder: Path, check: Check = _accept) -> Iterator[StoredArrays]:
    """Read every intact safetensors file in a folder; print a line for each damaged one and skip it."""
    for path in sorted(folder.glob("[!.]*.safetensors")):
        try:
            arrays, carried = _load(path, read_bytes(path), check)
            yield arrays, carried.about
        except DamagedFile as damage:
            print(damage)


def kept_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of a file that may be missing; print a line if it is damaged, and remove it."""
    try:
        return _load(path, read_bytes(path))[0] if path.exists() else {}
    except DamagedFile as damage:
        print(f"{path}: {damage.reason}; it was removed, and training starts from the beginning")
        with suppress(OSError):
            remove(path)
        return {}


def array_notes(path: Path) -> Notes:
    """The notes of a safetensors file, from its header alone; raises a ValueError or an OSError."""
    with open(path, "rb") as file:
        return _header(file.read)[0]


def verified_notes(path: Path, content: bytes) -> Notes:
    """The notes of a safetensors file; raises DamagedFile if its checksum is wrong."""
    return _load(path, content)[1]


def _load(
    path: Path, content: bytes, check: Check = _accept
) -> tuple[dict[str, np.ndarray], Notes]:
    try:
        carried, checksum = _header(io.BytesIO(content).read)
    except ValueError as error:
        raise DamagedFile(path, f"it is not a readable safetensors file ({error})") from None
    if not checksums.is_intact(content, checksum):
        raise DamagedFile(path, CHECKSUM_DIFFERS)
    arrays = load(content)
    try:
        check((arrays, carried.about))
    except ValueError as error:
        raise DamagedFile(path, str(error)) from None
    return arrays, carried


def _header(read_bytes: Callable[[int], bytes]) -> tuple[Notes, str]:
    """The notes and the checksum in a header; `read_bytes` reads from the start of the file."""
    length = int.from_bytes(read_bytes(8), "little")
    try:
        header = json.loads(read_bytes(min(length, LONGEST_HEADER)))
        found = json.loads(header.get("__metadata__", {}).get("superpos", "{}"))
        checksum = str(found.pop("digest", ""))
    except (AttributeError, TypeError, RecursionError):
        raise ValueError("its header is not one that superpos writes") from None
    return of_json(found), checksum
