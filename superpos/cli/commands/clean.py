"""Remove stale files from the results of each paper, and list them.

A file is stale if it is the output, log or benchmark of a job that the paper's config no longer plans.
Files that a person put there, variations, and the files of `make seeds` and `make bench` are kept.
"""

import argparse
from pathlib import Path

from superpos.cli import stale
from superpos.config.paper_files import papers
from superpos.storage import store


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(given: argparse.Namespace) -> int:
    """Remove the stale files, and the folders that this leaves empty."""
    count = 0
    for paper in papers().values():
        paths = stale.in_checkout(Path(), paper)
        for path in paths:
            store.remove(Path(paper.results, path))
            print(f"removed {paper.results}/{path}")
        emptied = {
            Path(paper.results, above) for path in paths for above in Path(path).parents[:-1]
        }
        store.remove_empty(emptied)
        count += len(paths)
    print(
        f"removed {count} file{'s' * (count > 1)}"
        if count
        else "every file in results/ belongs to a planned job"
    )
    return 0
