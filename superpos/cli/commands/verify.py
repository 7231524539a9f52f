"""Compare the results of each paper with its manifest in the repository, stage by stage.

It lists the files that differ in each stage, and says whether package versions differ. It compares the
contents of a file exactly, but not how the file is compressed. Without options, papers that have no results
here are skipped, except the first. With --manifest or --write but no --paper, only the first paper is
compared or written.
"""

import argparse
from pathlib import Path

from superpos.cli import verify
from superpos.config.paper_files import FIRST, PaperFiles, papers


def arguments(parser: argparse.ArgumentParser) -> None:
    """--paper, --manifest, --write."""
    parser.add_argument("--paper", choices=papers(), metavar="NAME", help="only this paper")
    parser.add_argument("--manifest", type=Path, help="the manifest (default: the paper's own)")
    parser.add_argument(
        "--write", action="store_true", help="write the manifest instead of comparing"
    )


def run(given: argparse.Namespace) -> int:
    """Return 0 if nothing differs or the manifest was written, and 1 otherwise."""
    if not given.paper and not given.manifest and not given.write:
        there = [p for p in papers().values() if p == FIRST or Path(p.results).is_dir()]
        return max([_compared(paper, Path(paper.manifest)) for paper in there])
    paper = papers()[given.paper or FIRST.name]
    kept = given.manifest or Path(paper.manifest)
    if given.write:
        print(verify.write_manifest(Path(), kept, paper))
        return 0
    return _compared(paper, kept)


def _compared(paper: PaperFiles, kept: Path) -> int:
    """Print how a paper's results differ from a manifest, and return 1 if they do."""
    same, told = verify.verify(Path(), kept, paper)
    print(f"{paper.results}/ against {kept}:\n{told}")
    return int(not same)
