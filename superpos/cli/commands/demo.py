"""Train the notebook's model, 10 features in 2 dimensions, and show its three pictures.

It trains eight runs of 100,000 steps in seconds and shows the norms of the features, their inner
products and the features as arrows, in the terminal and as SVG and PNG files. The first time on a
machine it also compiles the kernels, which takes another minute or two.
"""

import argparse
import sys
import time
from pathlib import Path

from superpos.api.drawing import draw
from superpos.api.experiment import sweep
from superpos.cli import terminal
from superpos.plotting import render
from superpos.plotting.shown_runs import best_run, losses, rule, weights
from superpos.progress.meter import Meter
from superpos.storage import store

FIGURES = ("seed_bars", "seed_products", "seed_arrows")


def arguments(parser: argparse.ArgumentParser) -> None:
    """--folder, --density, --seed, --threads."""
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("demo"),
        help="the folder for the pictures (default: %(default)s)",
    )
    parser.add_argument(
        "--density",
        type=float,
        help="1 - S, the probability that a feature is on (default: that of config.yaml); try 0.5",
    )
    parser.add_argument("--seed", type=int, help="the base seed (default: that of config.yaml)")
    parser.add_argument("--threads", type=int, help="the cores to use (default: all)")


def run(given: argparse.Namespace) -> int:
    """Train the runs, print the results and write the pictures."""
    began = time.monotonic()
    meter = Meter("the steps", say=lambda line: print(line, file=sys.stderr, flush=True))
    changes = {} if given.density is None else {"density": given.density}
    tables = sweep("seed", **changes, seed=given.seed, threads=given.threads, report_progress=meter)
    _, features = best_run(tables)
    W, b = weights(features), features["bias"].to_numpy(float)
    superposition = features["superposition_unnormalised"].to_numpy(float)
    for name in FIGURES:
        drawn = draw(name, tables)
        for form in ("svg", "png"):
            store.save_bytes(given.folder / f"{name}.{form}", render(drawn, form))
    norms = features["feature_norm"].to_numpy(float)
    text = [
        terminal.bar_text(norms, superposition),
        terminal.product_text(W, b),
        terminal.arrow_text(W),
    ]
    print(terminal.printable("\n".join(text), sys.stdout.encoding or "ascii"))
    print(f"{rule(tables)}; {losses(tables)}")
    print(f"pictures: {', '.join(str(given.folder / f'{name}.svg') for name in FIGURES)}")
    print(f"{time.monotonic() - began:.0f} s")
    return 0
