"""Print a config that trains every experiment several times as long, for `make rest`."""

import argparse

from superpos.config import shipped, text
from superpos.config.longer import longer


def arguments(parser: argparse.ArgumentParser) -> None:
    """--times."""
    parser.add_argument(
        "--times", type=int, default=4, help="how many times as long (default: %(default)s)"
    )


def run(given: argparse.Namespace) -> int:
    """Print the config."""
    print(text.as_yaml(longer(shipped.config(), given.times)))
    return 0
