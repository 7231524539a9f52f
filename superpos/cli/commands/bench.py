"""Measure the engines against the usual training loop on this machine.

Each of the paper's sweeps in turn, some ten minutes in all; one row each is printed, and the table
is written to results/benchmarks.parquet. Leave the machine alone while it runs. The benchmarks are
part of the repository, not of the installed package.
"""

import argparse
import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "benchmarks"


def arguments(parser: argparse.ArgumentParser) -> None:
    """--only, --threads, --out."""
    parser.add_argument("--only", default="", help='sweeps whose name contains this: "5/2"')
    parser.add_argument("--threads", type=int, help="threads of each engine (all cores)")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("results/benchmarks.parquet"),
        help="where the table goes (%(default)s)",
    )


def run(given: argparse.Namespace) -> int:
    """Run benchmarks/bench.py with these options."""
    script = FOLDER / "bench.py"
    if not script.is_file():
        raise ValueError(f"{script} is not there: run it in a clone of the repository")
    threads = ["--threads", str(given.threads)] if given.threads else []
    sys.argv = [str(script), "--only", given.only, "--out", str(given.out), *threads]
    sys.path.insert(0, str(FOLDER))
    runpy.run_path(str(script), run_name="__main__")
    return 0
