"""The digest that a file carries of its own content, put in where its form has room for it."""

import hashlib
import re
import zlib

EMPTY = b"digest-of-all-else-is-to-go-here"
"""Stands in a Parquet footer or a safetensors header while the digest is taken."""

_COMMENTS = {
    ".svg": (b"<!-- digest ", b" -->\n"),
    ".html": (b"<!-- digest ", b" -->\n"),
    ".pdf": (b"%digest ", b"\n"),
}
_LAST_CHUNK = 12
"""Bytes of a PNG's IEND."""


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


def sealed(content: bytes, form: str) -> bytes:
    """The content of a .svg, .html, .pdf or .png file with its digest; of other forms as it is."""
    carried = digest(content).encode()
    if form == ".png":
        chunk = b"tEXtdigest\0" + carried
        crc = zlib.crc32(chunk).to_bytes(4, "big")
        head, end = content[:-_LAST_CHUNK], content[-_LAST_CHUNK:]
        return head + (len(chunk) - 4).to_bytes(4, "big") + chunk + crc + end
    before, after = _COMMENTS.get(form, (b"", b""))
    return content + before + carried + after if before else content


def opened(content: bytes, form: str) -> bytes:
    """The content that was sealed; a ValueError where it carries no digest or another one."""
    if form not in (".png", *_COMMENTS):
        return content
    found = re.findall(rb"digest[ \0]([0-9a-f]{32})", content)
    if not found:
        raise ValueError("it carries no digest")
    length = len(sealed(b"\0" * _LAST_CHUNK, form)) - _LAST_CHUNK
    inner = content[:-length]
    if form == ".png":
        inner = content[: -length - _LAST_CHUNK] + content[-_LAST_CHUNK:]
    if sealed(inner, form) != content:
        raise ValueError("its contents do not fit the digest it carries")
    return inner
