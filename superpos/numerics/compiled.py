"""Where this package's compiled code is stored, and a notice to the user while it is compiled.

A module that stores compiled functions imports numba from here. Functions of other packages and a
user's own functions keep numba's usual folder.
"""

import functools
import sys
from pathlib import Path
from typing import Any

import numba
from numba.core import event
from numba.core.caching import CacheImpl, UserProvidedCacheLocator

from superpos import rebuild
from superpos.numerics import folders

__all__ = ["numba"]


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
    not the files of the functions that it calls. So each version of all that code has its own folder.
    """

    def __init__(self, py_func: Any, py_file: str) -> None:
        code = rebuild.code(Path(py_file))
        self._py_file, self._lineno = py_file, py_func.__code__.co_firstlineno
        self._cache_path = str(cache_folder() / code / self.get_suitable_cache_subpath(py_file))  # type: ignore[no-untyped-call]

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Any:
        """A locator for a function of this package; for others None, and numba tries its own locators."""
        if rebuild.PACKAGE not in Path(py_file).parents:
            return None
        return super(UserProvidedCacheLocator, cls).from_function(py_func, py_file)  # type: ignore[no-untyped-call]


class CompilationNotice(event.Listener):
    """Explains to the user, once in a process, why the first step takes so long."""

    printed = False

    def on_start(self, started: Any) -> None:
        """Print the notice when numba starts to compile a function that is not stored."""
        module = started.data["dispatcher"].py_func.__module__
        if not self.printed and module.split(".")[0] == "superpos":
            CompilationNotice.printed = True
            print("compiling kernels, once for this version", file=sys.stderr, flush=True)

    def on_end(self, ended: Any) -> None:
        """Do nothing when the function has been compiled."""


CacheImpl._locator_classes.insert(0, Locator)
event.register("numba:compile", CompilationNotice())
