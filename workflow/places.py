"""The environment in which Snakemake runs: its import paths, a home folder and a user name."""

import os
import pwd
from contextlib import suppress

from checkout import HERE

from superpos.numerics import folders


def environment() -> dict[str, str]:
    """The variables of this process, with the code and the logger of this checkout first."""
    code = [str(HERE / "workflow" / "logger"), str(HERE), os.environ.get("PYTHONPATH", "")]
    return os.environ | _home() | _name() | {"PYTHONPATH": os.pathsep.join(filter(None, code))}


def _home() -> dict[str, str]:
    """A home folder in the checkout if the user's own is not writable, as in many containers."""
    if folders.takes_files(folders.cache()):
        return {}
    home = HERE / ".snakemake" / "home"
    home.mkdir(exist_ok=True)
    return {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}


def _name() -> dict[str, str]:
    """A placeholder user name if the system has no name for the user id."""
    with suppress(KeyError):
        pwd.getpwuid(os.getuid())
        return {}
    return {"LOGNAME": os.environ.get("LOGNAME") or f"user{os.getuid()}"}
