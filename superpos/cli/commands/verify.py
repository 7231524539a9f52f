"""Compare results/ with the manifest of the repository, to the byte, stage by stage.

It says which file of which stage differs first, and whether the versions of the environment do.
The numbers inside a file count, not how it is packed.
"""

import argparse
from pathlib import Path

from superpos.cli import verify


def arguments(parser: argparse.ArgumentParser) -> None:
    """--results, --manifest, --write."""
    parser.add_argument(
        "--results", type=Path, default=Path("results"), help="their folder (%(default)s)"
    )
    parser.add_argument(
        "--manifest", type=Path, default=Path("results.digests"), help="the file (%(default)s)"
    )
    parser.add_argument("--write", action="store_true", help="write the manifest anew instead")


def run(given: argparse.Namespace) -> int:
    """0 where nothing differs, or the manifest was written."""
    if given.write:
        print(verify.write(given.results, given.manifest))
        return 0
    same, told = verify.verify(given.results, given.manifest)
    print(told)
    return int(not same)
