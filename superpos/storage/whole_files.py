"""Write files atomically, and report a file that cannot be used in one line."""

import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from superpos.storage import origins

CHECKSUM_DIFFERS = "its contents do not match its checksum"
COMPILED = re.compile(r"^kernels compiled in (\d+\.\d) s$", re.MULTILINE)
"""The line of a log with which `superpos.numerics.stored_code` says how long it took."""


class DamagedFile(ValueError):
    """A file that is missing, truncated or changed: its path, the reason, and what to do.

    was_read: whether its content was read and found wrong; a file that could not be read may be whole.
    """

    def __init__(self, path: Path, reason: str, was_read: bool = True) -> None:
        remedy = "delete it and run `make` again to rebuild it"
        if not os.path.lexists(path):
            remedy = "run `make` to make it"
        super().__init__(f"{path}: {reason}; {remedy}")
        self.path, self.reason, self.was_read = path, reason, was_read


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path to write to; it is renamed to `path` once everything has been written.

    Raises an OSError that names `path` if it cannot be written.
    """
    path = Path(path)
    # A random name, because two machines that share the folder may have the same process id.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise OSError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    with whole(path) as temporary:
        temporary.write_bytes(content)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises DamagedFile for a pipe instead of opening it, which would block for
    ever."""
    if not is_ordinary(path):
        raise DamagedFile(path, "it is not a file", was_read=False)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = f"it cannot be read ({error.strerror or error})"
        raise DamagedFile(path, reason, was_read=False) from None


def check_origin(path: Path, origin: str) -> None:
    """Raise DamagedFile if this is not the origin that the file must have."""
    expected = origins.expected(path)
    if expected and origin != expected:
        raise DamagedFile(
            path, "it belongs to another run, or was made with different settings or code"
        )


def is_ordinary(path: Path) -> bool:
    """Whether a path is free or a regular file, not a folder, pipe or device, and not below a file."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def files_below(folder: Path) -> Iterator[Path]:
    """Everything in a folder and below it that is neither a folder nor hidden."""
    return (p for p in folder.rglob("[!.]*") if not p.is_dir())


def remove(path: Path) -> None:
    """Remove a file if it exists."""
    path.unlink(missing_ok=True)


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove those of the folders that are empty, innermost first."""
    for folder in sorted(folders, key=lambda f: -len(f.parts)):
        with suppress(OSError):
            folder.rmdir()


def benchmarks(folder: Path) -> dict[Path, float]:
    """How many seconds each job took, by path within the folder, from Snakemake's benchmark files.

    A truncated file is skipped, because the times are only for display.
    """
    found = {}
    for path in sorted(folder.rglob("*.tsv")):
        with suppress(IndexError, ValueError):
            seconds = float(path.read_text(encoding="utf-8").splitlines()[1].split("\t")[0])
            found[path.relative_to(folder)] = seconds
    return found


def estimable(benchmarks_folder: Path) -> dict[Path, float]:
    """The times without the seconds spent compiling kernels, which happens only once."""
    logs = benchmarks_folder.with_name("logs")
    return {
        path: seconds - compiling_seconds(logs / path.with_suffix(".log"))
        for path, seconds in benchmarks(benchmarks_folder).items()
    }


def compiling_seconds(log: Path) -> float:
    """How long a job spent compiling kernels, or waiting for another job to do so, according to its log."""
    with suppress(OSError):
        return sum(map(float, COMPILED.findall(log.read_text(encoding="utf-8", errors="replace"))))
    return 0.0
