"""The command line of the pipeline's scripts: named options, and errors in one line."""

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from superpos.storage import origins, store

KINDS: dict[str, Callable[[str], Any]] = {"int": int, "text": str, "json": json.loads, "path": Path}


def options(**kinds: str) -> argparse.Namespace:
    """Parse one option a keyword: int, text, json, path, or any number of paths (`paths`).

    Where `-` is all that is given, the options come by standard input, quoted as in a shell: no
    command line holds the paths of ten thousand models. `--origins` names the origin of each file
    that the script reads or writes, by path; files that it does not name are not checked.
    """
    sys.excepthook = _one_line
    parser = argparse.ArgumentParser()
    for name, kind in kinds.items():
        option = "--" + name.replace("_", "-")
        if kind == "paths":
            parser.add_argument(option, type=Path, nargs="*", required=True)
        else:
            parser.add_argument(option, type=KINDS[kind], required=True)
    parser.add_argument("--origins", type=json.loads, default={})
    given = sys.argv[1:]
    args = parser.parse_args(shlex.split(sys.stdin.read()) if given == ["-"] else given)
    origins.expect(args.origins)
    return args


def _one_line(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> Any:
    """What a user can do wrong is a ValueError or an OSError: its message is enough.

    A damaged file is removed, so that the next run rebuilds it.
    """
    script = Path(sys.argv[0]).stem
    if isinstance(error, store.DamagedFile) and store.is_ordinary(error.path):
        store.remove(error.path)
        what = f"{error.path}: {error.reason}; removed it, the next run rebuilds it"
        sys.stderr.write(f"{script}: {what}\n")
    elif isinstance(error, ValueError | OSError):
        sys.stderr.write(f"{script}: {error}\n")
    elif isinstance(error, KeyboardInterrupt):
        sys.stderr.write(f"{script}: interrupted\n")
    else:
        sys.__excepthook__(kind, error, traceback)
