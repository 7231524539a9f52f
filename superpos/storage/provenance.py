"""Which versions, settings and machine a result comes from."""

import importlib.metadata
import platform
from collections.abc import Mapping
from typing import Any

import llvmlite.binding
import psutil

from superpos.numerics.digest import digest

PACKAGES = ("superpos", "numpy", "numba", "torch", "pandas", "pyarrow", "matplotlib", "snakemake")


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that decide results."""
    installed = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **installed}


def machine() -> dict[str, str]:
    """What the results were made on."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "system": platform.platform(terse=True),
        "processor": f"{platform.machine()}, {llvmlite.binding.get_host_cpu_name()}",
        "cores and memory": f"{psutil.cpu_count()} cores, {memory:.0f} GiB",
    }


def notes(code: str | Mapping[str, str], settings: Any) -> dict[str, Any]:
    """What every artifact carries: versions, digests of code and settings, the settings themselves."""
    return {
        "versions": versions(),
        "code": code,
        "settings": settings,
        "settings_digest": digest(settings),
    }
