"""Where compiled code is stored, so that it is compiled only once, and a notice to the user meanwhile.

Importing this module decides where numba stores the functions of this package. Functions of other
packages and a user's own functions keep numba's usual folder.
"""

import fcntl
import functools
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
from numba.core import dispatcher
from numba.core.caching import CacheImpl, FunctionCache, UserProvidedCacheLocator

from superpos import rebuild
from superpos.numerics import folders


@functools.cache
def cache_folder() -> Path:
    """NUMBA_CACHE_DIR if set; else the checkout, the user's cache or a private temporary folder."""
    if chosen := vars(numba.config)["CACHE_DIR"]:
        return Path(chosen)
    places = (rebuild.PACKAGE / "__pycache__" / "kernels", folders.cache() / "superpos")
    writable = (place for place in places if folders.takes_files(place))
    return next(writable, None) or folders.temporary("superpos")


class Locator(UserProvidedCacheLocator):
    """The folder in which one function is stored.

    Before numba loads a stored function, it checks that the function's own file has not changed, but
    not the files of the functions that it calls. So each version of the whole code has its own folder.
    """

    def __init__(self, py_func: Any, py_file: str) -> None:
        code = rebuild.code(Path(py_file))
        self._py_file, self._lineno = py_file, py_func.__code__.co_firstlineno
        self._cache_path = str(cache_folder() / code / self.get_suitable_cache_subpath(py_file))  # type: ignore[no-untyped-call]

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Any:
        """A locator for a function of this package; None for others, which numba's own locators handle."""
        if rebuild.PACKAGE not in Path(py_file).parents:
            return None
        return super(UserProvidedCacheLocator, cls).from_function(py_func, py_file)  # type: ignore[no-untyped-call]


class CompiledOnce(FunctionCache):
    """The stored code of a function. While one process compiles it, the others wait and then load it.

    A message tells the user why this takes so long, and another how long it took, so that estimates of the
    remaining time can leave it out.
    """

    noticed, depth = False, 0
    began = 0.0
    """When this process began to compile the function or to wait for it; 0 if it does neither."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The stored code for these argument types, or None if this process has to compile it."""
        found = super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        if found is None and isinstance(self._impl.locator, Locator):
            self._begin()
            found = super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
            if found is not None:
                self._end()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store the compiled code, so that other processes can load it."""
        super().save_overload(sig, data)  # type: ignore[no-untyped-call]
        if self.began:
            self._end()

    def _begin(self) -> None:
        if not CompiledOnce.noticed:
            CompiledOnce.noticed = True
            print("compiling kernels, once per checkout", file=sys.stderr, flush=True)
        self.began = time.monotonic()
        CompiledOnce.depth += 1
        self._impl.locator.ensure_cache_path()
        place = Path(self.cache_path, f"{self._impl.filename_base}.lock")
        self.lock = os.open(place, os.O_WRONLY | os.O_CREAT)
        with suppress(OSError):  # Some network file systems have no locks.
            fcntl.lockf(self.lock, fcntl.LOCK_EX)

    def _end(self) -> None:
        os.close(self.lock)
        took, self.began = time.monotonic() - self.began, 0.0
        CompiledOnce.depth -= 1
        if CompiledOnce.depth == 0:  # A function has those that it calls compiled in its own time.
            print(f"kernels compiled in {took:.1f} s", file=sys.stderr, flush=True)


CacheImpl._locator_classes.insert(0, Locator)
vars(dispatcher)["FunctionCache"] = CompiledOnce
