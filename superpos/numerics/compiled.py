"""How functions are compiled. Modules whose compiled functions are cached import numba from here."""

import ctypes
import functools
from typing import Any

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder

from superpos.numerics import stored_code as stored_code  # decides where numba stores compiled code

__all__ = ["numba", "part"]


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
        """Raise a TypeError if Python calls the function."""
        return ctypes.cast(ctypes.pythonapi.PyErr_BadArgument, ctypes.c_void_p).value

    @property
    def codegen(self) -> Any:
        """Return None: there is no machine code, so no slot for the environment of a call from Python."""
        return self

    def set_env(self, env_name: str, env: Any) -> None:
        """Do nothing, because there is no slot for an environment."""


class PartCompiler(CompilerBase):
    """numba's compiler, with a `PartLibrary`."""

    def define_pipelines(self) -> list[Any]:
        """The compiler's default passes."""
        state = self.state
        name = state.func_id.func_qualname
        state.library = PartLibrary(state.targetctx.codegen(), name)  # type: ignore[no-untyped-call]
        return [DefaultPassBuilder.define_nopython_pipeline(state)]


part: Any = functools.partial(
    numba.njit, pipeline_class=PartCompiler, no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""A decorator of functions that only compiled functions call."""
