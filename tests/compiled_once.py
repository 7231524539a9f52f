"""Compile each kernel once for all copies of the project."""

import functools
from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator

from superpos import rebuild
from superpos.numerics.stored_code import cache_folder

STORED = "superpos/__pycache__/kernels"


def among_copies(copy: Path) -> None:
    """Let a copy of the project use this one's kernels, and add to them, as far as their code is the same.

    numba stores a function under a digest of its folder's path. A kernel that is edited in the copy
    has another digest of its code, and so a folder of its own.
    """
    subpath = UserProvidedCacheLocator.get_suitable_cache_subpath
    for folder, code in _kernels():
        same = copy / folder.relative_to(rebuild.PACKAGE.parent)
        ours, theirs = (subpath(str(place / "any.py")) for place in (folder, same))
        store, link = cache_folder() / code / ours, copy / STORED / code / theirs
        for place in (store, link.parent):
            place.mkdir(parents=True, exist_ok=True)
        link.symlink_to(store)


@functools.cache
def _kernels() -> set[tuple[Path, str]]:
    """The folders whose modules store compiled functions, with the digests of their code."""
    files = rebuild.PACKAGE.rglob("*.py")
    return {(file.parent, rebuild.code(file)) for file in files if "cache=True" in file.read_text()}
