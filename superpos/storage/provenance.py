"""The versions, settings and machine that a result comes from."""

import importlib.metadata
import platform
from typing import Any

from superpos.numerics.digest import digest
from superpos.storage.notes import Notes

PACKAGES = ("superpos", "numpy", "numba", "torch", "pandas", "pyarrow", "matplotlib", "snakemake")


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that affect results."""
    installed = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **installed}


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


def notes(code: str | dict[str, str], settings: Any, **more: Any) -> Notes:
    """The notes of a file, from its code's digest and its settings; more: other fields of `Notes`."""
    return Notes(
        versions=versions(),
        code=code,
        settings=settings,
        settings_digest=digest(settings),
        **more,
    )
