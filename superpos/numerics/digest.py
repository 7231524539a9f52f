"""Digests of JSON values: equal values have equal digests on every machine."""

import hashlib
import json
from typing import Any

import numpy as np


def digest(value: Any) -> str:
    """A hexadecimal digest of a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def digest64(value: Any) -> np.uint64:
    """The first 64 bits of the digest of a JSON value."""
    return np.uint64(int(digest(value)[:16], 16))
