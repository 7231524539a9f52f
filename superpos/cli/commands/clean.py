"""Remove stale files from results/, and list them.

A file is stale if it is the output, log or benchmark of a job that config.yaml no longer plans.
Files that a person put there, variations, and the files of `make seeds` and `make bench` are kept.
"""

import argparse
from pathlib import Path

from superpos.cli import stale
from superpos.storage import store


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(given: argparse.Namespace) -> int:
    """Remove the stale files, and the folders that this leaves empty."""
    paths = stale.in_checkout(Path.cwd())
    for path in paths:
        store.remove(Path("results", path))
        print(f"removed results/{path}")
    store.remove_empty({folder for path in paths for folder in Path("results", path).parents[:-2]})
    print(
        f"removed {len(paths)} file{'s' * (len(paths) > 1)}"
        if paths
        else "every file in results/ belongs to a planned job"
    )
    return 0
