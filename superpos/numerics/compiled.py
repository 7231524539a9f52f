"""How this package's functions are compiled, where the code is stored, and a notice to the user meanwhile.

A module that stores compiled functions imports numba from here. Functions of other packages and a
user's own functions keep numba's usual folder.
"""

import ctypes
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
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder

from superpos import rebuild
from superpos.numerics import folders

__all__ = ["numba", "part"]


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
        """A locator for a function of this package, and None for others, which numba's own locators take."""
        if rebuild.PACKAGE not in Path(py_file).parents:
            return None
        return super(UserProvidedCacheLocator, cls).from_function(py_func, py_file)  # type: ignore[no-untyped-call]


class CompiledOnce(FunctionCache):
    """The stored code of a function. While one process compiles it, the others wait and then load it.

    The user is told why this takes so long, and how long it took, so that no estimate counts it.
    """

    noticed, depth = False, 0
    began = 0.0
    """When this process began to compile the function or to wait for it; 0 if it does neither."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The stored code for the types of the arguments, or None if this process is to compile it."""
        found = super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        if found is None and isinstance(self._impl.locator, Locator):
            self._begin()
            found = super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
            if found is not None:
                self._end()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store what was compiled, for the others to load."""
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


class PartLibrary(JITCodeLibrary):
    """The code of a function that only compiled functions call.

    By itself, numba would optimise it and compile it to machine code, and then do both again for each
    function that calls it. Here only the outermost function is optimised and compiled, as a whole.
    """

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int | None:
        """Python gets a TypeError when it calls the function."""
        return ctypes.cast(ctypes.pythonapi.PyErr_BadArgument, ctypes.c_void_p).value

    @property
    def codegen(self) -> Any:
        """No machine code, so no place for the environment that a call from Python needs."""
        return self

    def set_env(self, env_name: str, env: Any) -> None:
        """There is no such place."""


class PartCompiler(CompilerBase):
    """numba's compiler, with a `PartLibrary`."""

    def define_pipelines(self) -> list[Any]:
        """The usual passes."""
        state = self.state
        name = state.func_id.func_qualname
        state.library = PartLibrary(state.targetctx.codegen(), name)  # type: ignore[no-untyped-call]
        return [DefaultPassBuilder.define_nopython_pipeline(state)]


part: Any = functools.partial(
    numba.njit, pipeline_class=PartCompiler, no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""A decorator of functions that only compiled functions call."""
