"""The digest that a file carries of its own content, put in where its form has room for it."""

import hashlib
import re
import zlib

EMPTY = b"digest-of-all-else-is-to-go-here"
"""Stands in a Parquet footer or a safetensors header while the digest is taken."""

_COMMENTS = {
    ".svg": (b"<!-- ", b" -->\n"),
    ".html": (b"<!-- ", b" -->\n"),
    ".pdf": (b"%", b"\n"),
}
_LAST_CHUNK = 12
"""Bytes of a PNG's IEND."""
TAIL = 256
"""The last bytes of a page or picture, which hold all of its marks."""


def digest(*parts: bytes) -> str:
    """32 hexadecimal digits of the parts, one after the other."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(part)
    return state.hexdigest()


def filled(content: bytes) -> bytes:
    """The content with its digest in the one place where it has EMPTY."""
    return content.replace(EMPTY, digest(content).encode(), 1)


def fits(content: bytes, carried: str) -> bool:
    """Whether content that `filled` returned is as it was; carried: the digest read from it."""
    if len(carried) != len(EMPTY):
        return False
    before, _, after = content.rpartition(carried.encode())
    return digest(before, EMPTY, after) == carried


def has_room(form: str) -> bool:
    """Whether files of this form carry an origin and a digest: .svg, .html, .pdf and .png files."""
    return form == ".png" or form in _COMMENTS


def sealed(content: bytes, form: str, origin: str = "") -> bytes:
    """The content with its origin, if it has one, and the digest of both; other forms as they are."""
    if not has_room(form):
        return content
    inner = _marked(content, form, b"origin", origin.encode()) if origin else content
    return _marked(inner, form, b"digest", digest(inner).encode())


def opened(content: bytes, form: str) -> bytes:
    """The content that was sealed; a ValueError where it carries no digest or another one."""
    if not has_room(form):
        return content
    inner, carried = _unmarked(content, form, b"digest")
    if not carried:
        raise ValueError("it carries no digest")
    if digest(inner) != carried:
        raise ValueError("its contents do not fit the digest it carries")
    return _unmarked(inner, form, b"origin")[0]


def origin(content: bytes, form: str) -> str:
    """The origin in a page or picture, or in its last TAIL bytes; "" if it carries none."""
    if not has_room(form):
        return ""
    return _unmarked(_unmarked(content, form, b"digest")[0], form, b"origin")[1]


def _marked(content: bytes, form: str, name: bytes, value: bytes) -> bytes:
    """The content with a comment, or a chunk of a PNG, at its end."""
    if form == ".png":
        chunk = b"tEXt" + name + b"\0" + value
        crc = zlib.crc32(chunk).to_bytes(4, "big")
        head, end = content[:-_LAST_CHUNK], content[-_LAST_CHUNK:]
        return head + (len(chunk) - 4).to_bytes(4, "big") + chunk + crc + end
    before, after = _COMMENTS[form]
    return content + before + name + b" " + value + after


def _unmarked(content: bytes, form: str, name: bytes) -> tuple[bytes, str]:
    """The content without the last mark, and its value; all of it and "" without such a mark."""
    end = _LAST_CHUNK if form == ".png" else 0
    length = len(_marked(bytes(_LAST_CHUNK), form, name, EMPTY)) - _LAST_CHUNK
    start = len(content) - length - end
    inner = content[: max(start, 0)] + content[len(content) - end :]
    found = re.search(name + rb"[ \0]([0-9a-f]{32})", content[max(start, 0) :])
    if found and _marked(inner, form, name, found[1]) == content:
        return inner, found[1].decode()
    return content, ""
