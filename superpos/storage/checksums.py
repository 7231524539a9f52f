"""Checksums that files carry of their own content, stored wherever the format has room for one."""

import hashlib
import re
import zlib

PLACEHOLDER = b"digest-of-all-else-is-to-go-here"
"""Stands in place of the checksum in a Parquet footer or safetensors header while it is computed."""

_COMMENTS = {
    ".svg": (b"<!-- ", b" -->\n"),
    ".html": (b"<!-- ", b" -->\n"),
    ".pdf": (b"%", b"\n"),
}
_IEND_BYTES = 12
"""Length of IEND, the last chunk of a PNG."""
MARKS_BYTES = 256
"""The marks of a page or picture lie within this many bytes of its end."""


def checksum(*parts: bytes) -> str:
    """The BLAKE2b checksum of the concatenated parts, as 32 hexadecimal digits."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(part)
    return state.hexdigest()


def fill_in_checksum(content: bytes) -> bytes:
    """Replace PLACEHOLDER, which occurs once in the content, with the checksum of the content."""
    return content.replace(PLACEHOLDER, checksum(content).encode(), 1)


def is_intact(content: bytes, carried: str) -> bool:
    """Whether content from `fill_in_checksum` is unchanged; carried: the checksum read from it."""
    if len(carried) != len(PLACEHOLDER):
        return False
    before, _, after = content.rpartition(carried.encode())
    return checksum(before, PLACEHOLDER, after) == carried


def takes_marks(form: str) -> bool:
    """Whether files with this suffix carry an origin and a checksum as marks at their end."""
    return form == ".png" or form in _COMMENTS


def with_checksum(content: bytes, form: str, origin: str = "") -> bytes:
    """Append the origin, if there is one, and the checksum; a file whose format has no marks is unchanged."""
    if not takes_marks(form):
        return content
    inner = _with_mark(content, form, b"origin", origin.encode()) if origin else content
    return _with_mark(inner, form, b"digest", checksum(inner).encode())


def verify_checksum(content: bytes, form: str) -> bytes:
    """The content without its marks. Raises a ValueError if the checksum is missing or wrong."""
    if not takes_marks(form):
        return content
    inner, carried = _without_mark(content, form, b"digest")
    if not carried:
        raise ValueError("it has no checksum")
    if checksum(inner) != carried:
        raise ValueError("its contents do not match its checksum")
    return _without_mark(inner, form, b"origin")[0]


def origin_mark(content: bytes, form: str) -> str:
    """The origin of a page or picture, from all of its content or just the end; "" if it carries none."""
    if not takes_marks(form):
        return ""
    return _without_mark(_without_mark(content, form, b"digest")[0], form, b"origin")[1]


def _with_mark(content: bytes, form: str, name: bytes, value: bytes) -> bytes:
    """Append a comment, or insert a text chunk before the last chunk of a PNG."""
    if form == ".png":
        chunk = b"tEXt" + name + b"\0" + value
        crc = zlib.crc32(chunk).to_bytes(4, "big")
        head, end = content[:-_IEND_BYTES], content[-_IEND_BYTES:]
        return head + (len(chunk) - 4).to_bytes(4, "big") + chunk + crc + end
    before, after = _COMMENTS[form]
    return content + before + name + b" " + value + after


def _without_mark(content: bytes, form: str, name: bytes) -> tuple[bytes, str]:
    """The content without its last mark, and the value of that mark, or "" if there is none."""
    end = _IEND_BYTES if form == ".png" else 0
    length = len(_with_mark(bytes(_IEND_BYTES), form, name, PLACEHOLDER)) - _IEND_BYTES
    start = len(content) - length - end
    inner = content[: max(start, 0)] + content[len(content) - end :]
    found = re.search(name + rb"[ \0]([0-9a-f]{32})", content[max(start, 0) :])
    if found and _with_mark(inner, form, name, found[1]) == content:
        return inner, found[1].decode()
    return content, ""
