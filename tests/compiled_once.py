"""Compile each kernel once for all workers and for all copies of the project."""

import fcntl
import functools
from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator
from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import Dispatcher

from superpos import rebuild
from superpos.numerics.compiled import cache_folder

STORED = "superpos/__pycache__/kernels"


def among_workers(folder: Path) -> None:
    """Let one worker at a time compile a function, so that the others load what it stored."""
    compile_alone = Dispatcher.compile

    def compile_in_turn(self, sig):
        if self._cache.cache_path is None:
            return compile_alone(self, sig)
        name = f"{self.py_func.__module__}.{self.py_func.__qualname__}.lock"
        # A worker's threads take turns first: the lock of the file is the worker's, not a thread's.
        with global_compiler_lock, open(folder / name, "w") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            return compile_alone(self, sig)

    Dispatcher.compile = compile_in_turn


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
