"""The versions, settings and machine that a result comes from."""

import importlib.metadata
import platform
from collections.abc import Sequence
from typing import Any

from superpos import __version__
from superpos.numerics.digest import digest
from superpos.storage.notes import Notes

PACKAGES = ("numpy", "numba", "pandas", "pyarrow", "matplotlib")


def versions(*more: str) -> dict[str, str]:
    """The versions of Python and of the packages that affect all results, and of others by name."""
    installed = {name: importlib.metadata.version(name) for name in (*PACKAGES, *more)}
    return {"python": platform.python_version(), "superpos": __version__, **installed}


def machine() -> dict[str, str]:
    """The system, the processor and the memory of this machine."""
    import llvmlite.binding  # Only the report asks, and loading this takes a while.
    import psutil

    memory = psutil.virtual_memory().total / 2**30
    return {
        "system": platform.platform(terse=True),
        "processor": f"{platform.machine()}, {llvmlite.binding.get_host_cpu_name()}",
        "cores and memory": f"{psutil.cpu_count()} cores, {memory:.0f} GiB",
    }


def notes(
    code: str | dict[str, str], settings: Any, packages: Sequence[str] = (), **more: Any
) -> Notes:
    """The notes of a file, from its code's digest and its settings.

    packages: those that affect this file and not all results; more: other fields of `Notes`.
    """
    return Notes(
        versions=versions(*packages),
        code=code,
        settings=settings,
        settings_digest=digest(settings),
        **more,
    )
