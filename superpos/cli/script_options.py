"""The command line of the pipeline's scripts: named options, and one-line errors."""

import argparse
import contextlib
import importlib
import json
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from superpos import rebuild
from superpos.storage import origins, store

if TYPE_CHECKING:
    from pydantic import BaseModel

OPTION_TYPES: dict[str, Callable[[str], Any]] = {
    "int": int,
    "text": str,
    "json": json.loads,
    "path": Path,
}


def options(**kinds: "str | type[BaseModel] | list[str | type[BaseModel]]") -> argparse.Namespace:
    """Parse one option for each keyword: int, text, json, path, or a record, which is read from JSON. In a
    list, it stands for any number of them.

    If the only argument is `-`, the options are read from standard input, quoted as in a shell,
    because a command line cannot hold the paths of ten thousand models. `--origins` gives the origin
    of each file that the script reads or writes, by path; other files are not checked. `--planned-code`
    gives the modules behind the job by the digest that their code had when the run was planned.
    """
    sys.excepthook = _one_line
    parser = argparse.ArgumentParser()
    for name, kind in kinds.items():
        option = "--" + name.replace("_", "-")
        one, number = (kind[0], "*") if isinstance(kind, list) else (kind, None)
        read = one.model_validate_json if isinstance(one, type) else OPTION_TYPES[one]
        parser.add_argument(option, type=read, nargs=number, required=True)
    parser.add_argument("--origins", type=json.loads, default={})
    parser.add_argument("--planned-code", type=json.loads, default={})
    given = sys.argv[1:]
    args = parser.parse_args(shlex.split(sys.stdin.read()) if given == ["-"] else given)
    origins.expect(args.origins)
    _check_code(args.planned_code)
    return args


def _check_code(planned: Mapping[str, tuple[list[str], list[str]]]) -> None:
    """Import the modules behind this job, and raise a ValueError if their code is not the planned one.

    Otherwise an edit during a run would give files the origin of the code before it.
    """
    for digest, (entries, apart) in planned.items():
        for module in (entry for entry in entries if "/" not in entry):
            # The engine of the GPU is behind a job that this machine may train without one.
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(module)
        known = [rebuild.PACKAGE.parent / e if "/" in e else e for e in entries]
        if rebuild.code(*known, apart_from=tuple(apart)) != digest:
            raise ValueError("the code changed after this run was planned; run `make` again")


def _one_line(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> Any:
    """Print only the message of a ValueError or an OSError, because a user's mistake can cause them.

    A damaged file of the pipeline is removed, so that the next run rebuilds it.
    """
    script = Path(sys.argv[0]).stem
    if isinstance(error, store.DamagedFile) and error.was_read and origins.expected(error.path):
        store.remove(error.path)
        what = f"{error.path}: {error.reason}; it was removed, and the next run rebuilds it"
        sys.stderr.write(f"{script}: {what}\n")
    elif isinstance(error, ValueError | OSError):
        sys.stderr.write(f"{script}: {error}\n")
    elif isinstance(error, KeyboardInterrupt):
        sys.stderr.write(f"{script}: interrupted\n")
    else:
        sys.__excepthook__(kind, error, traceback)
