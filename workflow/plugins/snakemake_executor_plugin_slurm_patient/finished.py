"""Keep what the finished jobs of a failed submission made, so that only the others run again."""

import os
from typing import Any

Stamp = tuple[int, int] | None


def singles(job: Any) -> list[Any]:
    """The jobs of a submission."""
    return list(job) if job.is_group() else [job]


def stamp(job: Any) -> Stamp:
    """Inode and date of the job's benchmark file, which is written after the job has succeeded."""
    if job.benchmark is None:
        return None
    try:
        found = os.stat(job.benchmark)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def among(job: Any, before: dict[Any, Stamp]) -> list[Any]:
    """The jobs of a submission that have succeeded since the stamps `before` were taken."""
    return [one for one in singles(job) if _succeeded(one, before.get(one))]


def _succeeded(job: Any, before: Stamp) -> bool:
    now = stamp(job)
    return now not in (None, before) and all(map(os.path.exists, job.output))


def leave(group: Any, finished: list[Any], sets: tuple[set[Any], ...]) -> None:
    """Remove the finished jobs from a group, so that only the others fail and are submitted again.

    The hash of a group depends on its jobs. So the group is removed from each of the `sets` before
    its jobs change, and added again afterwards.
    """
    for one in sets:
        one.discard(group)
    group.jobs = frozenset(job for job in group.jobs if job not in finished)
    levels = [[job for job in level if job not in finished] for level in group.toposorted]
    group.toposorted = [level for level in levels if level]
    for known in ("_resources", "_input", "_output", "_log", "_all_products"):
        setattr(group, known, None)
    for one in sets:
        one.add(group)
