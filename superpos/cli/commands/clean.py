"""Remove what jobs of other plans left in results/, and list it.

Files, logs and times of jobs that config.yaml does not plan. What a person put there, the variations and
what `make seeds` and `make bench` write are left alone.
"""

import argparse
from pathlib import Path

from superpos.cli import stale
from superpos.storage import store


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(given: argparse.Namespace) -> int:
    """Remove them, and the folders that are empty then."""
    paths = stale.in_checkout(Path.cwd())
    for path in paths:
        store.remove(Path("results", path))
        print(f"removed results/{path}")
    store.remove_empty({folder for path in paths for folder in Path("results", path).parents[:-2]})
    print(
        f"removed in all: {len(paths)}" if paths else "every file of results/ is of a planned job"
    )
    return 0
