"""The environment in which Snakemake runs: whose code it finds, a home, the user's name."""

import os
import pwd
from contextlib import suppress

from checkout import HERE

from superpos.numerics import folders


def environment() -> dict[str, str]:
    """This process's variables, with the checkout's code and logger first."""
    code = [str(HERE / "workflow" / "logger"), str(HERE), os.environ.get("PYTHONPATH", "")]
    return os.environ | _home() | _name() | {"PYTHONPATH": os.pathsep.join(filter(None, code))}


def _home() -> dict[str, str]:
    """A home in the checkout if the user's takes no files, as in many containers."""
    if folders.takes_files(folders.cache()):
        return {}
    home = HERE / ".snakemake" / "home"
    home.mkdir(exist_ok=True)
    return {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}


def _name() -> dict[str, str]:
    """A name for a user id that has none."""
    with suppress(KeyError):
        pwd.getpwuid(os.getuid())
        return {}
    return {"LOGNAME": os.environ.get("LOGNAME") or f"user{os.getuid()}"}
