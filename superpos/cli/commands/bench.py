"""Measure the engines against the usual training loop on this machine.

This runs each of the paper's sweeps in turn, prints one row for each and writes the table to
results/benchmarks.parquet. It takes about ten minutes. With --gpu it measures the GPU engine against
the usual loop on the same GPU, prints one row for each size and takes about three minutes. Do not use
the machine for anything else meanwhile. The benchmarks are part of the repository, not of the installed
package.
"""

import argparse
import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "benchmarks"


def arguments(parser: argparse.ArgumentParser) -> None:
    """--only, --gpu, --threads, --out."""
    parser.add_argument(
        "--only", default="", help="only the sweeps or sizes whose names contain this"
    )
    parser.add_argument(
        "--gpu", action="store_true", help="measure the GPU engine, without --threads and --out"
    )
    parser.add_argument("--threads", help="threads of each engine (default: all cores)")
    parser.add_argument(
        "--out", help="the file for the table (default: results/benchmarks.parquet)"
    )


def run(given: argparse.Namespace) -> int:
    """Run benchmarks/bench.py, or the measurements of benchmarks/gpu_check.py, with these options."""
    script = FOLDER / ("gpu_check.py" if given.gpu else "bench.py")
    if not script.is_file():
        raise ValueError(f"{script} does not exist; run this in a clone of the repository")
    of_cpu = [
        w for name in ("threads", "out") if (v := getattr(given, name)) for w in (f"--{name}", v)
    ]
    if given.gpu and of_cpu:
        raise ValueError(f"{' '.join(of_cpu)} has no effect with --gpu; leave it out")
    words = ["--sections", "versions,speed,usual"] if given.gpu else of_cpu
    sys.argv = [str(script), "--only", given.only, *words]
    sys.path.insert(0, str(FOLDER))
    runpy.run_path(str(script), run_name="__main__")
    return 0
