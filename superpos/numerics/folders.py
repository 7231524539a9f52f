"""Folders that a process can write to, even without a home folder or with a read-only checkout."""

import os
import stat
import tempfile
from pathlib import Path


def takes_files(folder: Path) -> bool:
    """Whether files can be written to the folder, which is created if it does not exist."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def cache() -> Path:
    """The user's cache folder, XDG_CACHE_HOME or ~/.cache; it may not be writable."""
    home = os.path.expanduser("~")
    usual = os.path.join(home, ".cache") if os.path.isabs(home) else os.devnull
    return Path(os.environ.get("XDG_CACHE_HOME") or usual)


def temporary(name: str) -> Path:
    """A temporary folder that only this user can open; a new one if another user has taken the name."""
    folder = Path(tempfile.gettempdir(), f"{name}-{os.getuid()}")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return Path(tempfile.mkdtemp(prefix=f"{name}-"))
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    private = mine and stat.S_IMODE(found.st_mode) == 0o700
    return folder if private else Path(tempfile.mkdtemp(prefix=f"{name}-"))
