"""Read the files of --configfile as plain YAML, even if `snakemake` is called without workflow/run.py.

Snakemake's own reader runs the Python in a file that asks for templates, and it reads these files before
the Snakefile. But before that it imports every plugin that it finds, including this module.
"""

import sys
from pathlib import Path
from typing import Any

from snakemake.settings import types


def load(path: Path) -> dict[str, Any]:
    """The values of a config file; ends the process with a one-line message if it is not plain YAML."""
    # Only now: a process that merely imports Snakemake stays free of this checkout's code.
    from superpos.config import text

    try:
        return dict(text.load_config(Path(path)))
    except (ValueError, OSError) as error:
        sys.exit(f"config: {error}")


types.load_configfile = load
