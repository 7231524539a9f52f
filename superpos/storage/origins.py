"""The origin of a file: a digest of everything that decides its content.

The origin of a job covers its settings, its code and the origins of its inputs, and so everything
upstream. So two files with the same origin hold the same results, whichever checkout they come
from.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from superpos.numerics.digest import digest

_EXPECTED: dict[Path, str] = {}
"""The origins that this process was given for the files that it reads and writes."""


def of_job(settings: Any, inputs: Iterable[str]) -> str:
    """The origin of a job; settings: JSON values, with digests of its code; inputs: their origins."""
    return digest([settings, list(inputs)])


def of_file(job: str, place: str) -> str:
    """The origin of one of a job's files; place: its path below the root of the results."""
    return digest([job, place])


def expect(by_path: Mapping[str, str]) -> None:
    """Make every reader refuse a file with a different origin, and every writer record the origin."""
    _EXPECTED.update({Path(path): origin for path, origin in by_path.items()})


def expected(path: Path) -> str:
    """The origin that a file must have; "" if this process was given none."""
    return _EXPECTED.get(Path(path), "")
