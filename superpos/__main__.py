"""The command line, `python -m superpos`."""

import argparse
import importlib
import pkgutil
import sys
from types import ModuleType

from superpos import __version__
from superpos.cli import commands

EPILOG = """Start with: python -m superpos demo
To replicate a whole paper, run `make` in a clone of the repository; `make plan` says what that would do."""


def main(words: list[str] | None = None) -> int:
    """Run a command and return its exit code. If the user made a mistake, print one line and return 1."""
    parser, known = parser_and_commands()
    given = parser.parse_args(words)
    if given.command is None:
        parser.print_help()
        return 0
    try:
        return int(known[given.command].run(given))
    except (ValueError, OSError, ModuleNotFoundError) as error:
        print(f"superpos {given.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser_and_commands() -> tuple[argparse.ArgumentParser, dict[str, ModuleType]]:
    """The parser, and the module of each command by name."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m superpos",
        description="Replications of “Toy Models of Superposition” (Elhage et al., 2022) and of"
        " “Superposition, Memorization, and Double Descent” (Henighan et al., 2023).",
        epilog=EPILOG,
        formatter_class=layout,
    )
    parser.add_argument("--version", action="version", version=f"superpos {__version__}")
    several = parser.add_subparsers(dest="command", metavar="command")
    names = [m.name for m in pkgutil.iter_modules(commands.__path__)]
    known = {name: importlib.import_module(f"{commands.__name__}.{name}") for name in names}
    for name, module in known.items():
        text = str(module.__doc__)
        one = several.add_parser(
            name, help=text.splitlines()[0], description=text, formatter_class=layout
        )
        module.arguments(one)
    return parser, known


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(main())
