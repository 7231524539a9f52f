"""Digests of JSON values and of arrays: equal ones have equal digests on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Shaped


def json_text(value: Any) -> str:
    """The text of a JSON value from which its digest is computed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _started(start: str) -> Any:
    return hashlib.blake2b(start.encode(), digest_size=16)


def digest(value: Any) -> str:
    """A hexadecimal digest of a JSON value."""
    digested: str = _started(json_text(value)).hexdigest()
    return digested


def digest64(value: Any) -> np.uint64:
    """The first 64 bits of the digest of a JSON value."""
    return digests64(json_text(value), [""])[0]


def digests64(start: str, ends: Iterable[str]) -> list[np.uint64]:
    """`digest64` of several texts that begin alike; the beginning is digested only once."""
    before = _started(start)
    found = []
    for end in ends:
        state = before.copy()
        state.update(end.encode())
        found.append(np.uint64(int.from_bytes(state.digest()[:8], "big")))
    return found


def arrays_digest(arrays: Mapping[str, Shaped[np.ndarray, " ..."]]) -> str:
    """A digest of names, types, shapes and numbers."""
    state = hashlib.blake2b(digest_size=16)
    for name, array in sorted(arrays.items()):
        state.update(f"{name} {array.dtype} {array.shape};".encode())
        state.update(np.ascontiguousarray(array).tobytes())
    return state.hexdigest()
