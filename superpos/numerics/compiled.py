"""Where the compiled code of this package lies, and what a user is told while it is compiled.

A module that stores compiled functions imports numba from here. The functions of other packages,
and a user's own, keep numba's usual folder.
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
def folder() -> Path:
    """NUMBA_CACHE_DIR, the checkout, the user's cache, or a private temporary folder."""
    if chosen := vars(numba.config)["CACHE_DIR"]:
        return Path(chosen)
    places = (rebuild.PACKAGE / "__pycache__" / "kernels", folders.cache() / "superpos")
    writable = (place for place in places if folders.takes_files(place))
    return next(writable, None) or folders.temporary("superpos")


class Locator(UserProvidedCacheLocator):
    """The folder of one function. numba makes one for each function that is to be stored.

    numba looks only at the file of a stored function when it loads it again, not at the files of
    the functions that it calls: each version of the code behind it gets a folder of its own.
    """

    def __init__(self, py_func: Any, py_file: str) -> None:
        code = rebuild.code(Path(py_file))
        self._py_file, self._lineno = py_file, py_func.__code__.co_firstlineno
        self._cache_path = str(folder() / code / self.get_suitable_cache_subpath(py_file))

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Any:
        """A locator for a function of this package, else None: numba tries its own."""
        if rebuild.PACKAGE not in Path(py_file).parents:
            return None
        return super(UserProvidedCacheLocator, cls).from_function(py_func, py_file)


class Telling(event.Listener):
    """Tells a user, once in a process, why the first step takes so long."""

    told = False

    def on_start(self, started: Any) -> None:
        """A function is being compiled, because no stored version fits."""
        module = started.data["dispatcher"].py_func.__module__
        if not self.told and module.split(".")[0] == "superpos":
            Telling.told = True
            print("compiling kernels, once for this version", file=sys.stderr, flush=True)

    def on_end(self, ended: Any) -> None:
        """It is compiled."""


CacheImpl._locator_classes.insert(0, Locator)
event.register("numba:compile", Telling())
