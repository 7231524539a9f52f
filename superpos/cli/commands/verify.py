"""Compare results/ with the manifest of the repository, stage by stage.

It lists the files that differ in each stage, and says whether package versions differ. It compares the
contents of a file exactly, but not how the file is compressed.
"""

import argparse
from pathlib import Path

from superpos.cli import verify


def arguments(parser: argparse.ArgumentParser) -> None:
    """--results, --manifest, --write."""
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("results"),
        help="the folder of the results (default: %(default)s)",
    )
    parser.add_argument(
        "--manifest",
        type=Path,
        default=Path("results.digests"),
        help="the manifest (default: %(default)s)",
    )
    parser.add_argument(
        "--write", action="store_true", help="write the manifest instead of comparing"
    )


def run(given: argparse.Namespace) -> int:
    """Return 0 if nothing differs or the manifest was written, and 1 otherwise."""
    if given.write:
        print(verify.write_manifest(given.results, given.manifest))
        return 0
    same, told = verify.verify(given.results, given.manifest)
    print(told)
    return int(not same)
