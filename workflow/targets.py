"""Print the targets of `make`, for `make help`, or the target nearest to a misspelt one.

This runs before the environment exists, so it imports only the standard library.
"""

import difflib
import re
import sys
from pathlib import Path

from checkout import HERE

from superpos.config.paper_files import papers


def main(words: list[str]) -> int:
    """Print all commands and figures, or the nearest one to the given word."""
    commands = _commands()
    files = {paper.results: HERE / paper.config for paper in papers().values()}
    figures = {results: _figures(file) for results, file in files.items() if file.is_file()}
    if words:
        print(f"make: nothing makes {words[0]!r}; {_nearest(words[0], commands, figures)}")
        return 2
    width = max(map(len, commands))
    for name, text in commands.items():
        print(f"make {name:{width}}  {text}")
    for results, names in figures.items():
        print(f"make {results}/figures/NAME.png, with NAME one of: {', '.join(names)}")
    return 0


def _commands() -> dict[str, str]:
    """The targets of the Makefile that have a help text after `##`."""
    text = (HERE / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z_-]+):.*?## (.*)$", text, re.MULTILINE))


def _figures(config: Path) -> list[str]:
    text = config.read_text(encoding="utf-8")
    block = re.search(r"^figures:\n((?:[ #].*\n|\n)*)", text, re.MULTILINE)
    return re.findall(r"^  (\w+):", block[1], re.MULTILINE) if block else []


def _nearest(word: str, commands: dict[str, str], figures: dict[str, list[str]]) -> str:
    meant = {name.lower(): name for name in commands}
    for results, names in figures.items():
        meant |= {name.lower(): f"{results}/figures/{name}.png" for name in names}
    meant |= {"report": "results/report.html"}
    given = Path(word).stem.lower()
    longer = [name for name in meant if name.startswith(f"{given}-")]
    near = longer or difflib.get_close_matches(given, meant, n=1)
    return (
        f"did you mean `make {meant[near[0]]}`?" if near else "`make help` lists what can be made"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
