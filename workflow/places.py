"""The environment in which Snakemake runs: whose code it finds, and folders that it can write to."""

import os

from checkout import HERE

from superpos import folders


def environment() -> dict[str, str]:
    """This process's variables, with the checkout's code and logger first.

    Where there is no home that takes files, as in many containers, the checkout does.
    """
    code = [str(HERE / "workflow" / "logger"), str(HERE), os.environ.get("PYTHONPATH", "")]
    found = {"PYTHONPATH": os.pathsep.join(filter(None, code))}
    if not folders.takes_files(folders.cache()):
        found["XDG_CACHE_HOME"] = str(HERE / ".snakemake" / "cache")
        found["MPLCONFIGDIR"] = os.environ.get("MPLCONFIGDIR", f"{found['XDG_CACHE_HOME']}/mpl")
    return os.environ | found
