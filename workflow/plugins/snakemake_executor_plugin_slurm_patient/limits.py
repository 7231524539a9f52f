"""What a partition allows a job, and what a job asks for after it ran out of memory or time."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The most that one job may ask for; None if there is no limit."""

    minutes: int | None = None
    megabytes: int | None = None


@dataclass
class Shortages:
    """How many times a job has run out of memory, and out of time."""

    memory: int = 0
    time: int = 0


def fitted(asked: Mapping[str, object], shortages: Shortages, limits: Limits) -> dict[str, int]:
    """The memory and minutes to request: the original request, plus the same again for each shortage.

    Neither exceeds its limit.
    """
    shares = {
        "mem_mb": (1 + shortages.memory, limits.megabytes),
        "mem_mb_per_cpu": (1 + shortages.memory, None),
        "runtime": (1 + shortages.time, limits.minutes),
    }
    wanted = {name: (asked.get(name), *share) for name, share in shares.items()}
    return {
        name: amount * times if limit is None else min(amount * times, limit)
        for name, (amount, times, limit) in wanted.items()
        if isinstance(amount, int)
    }


def limits(partitions: str) -> Limits:
    """The limits of a partition, or the widest of several whose names are separated by commas."""
    each = [_limits(name) for name in partitions.split(",")]
    return Limits(_widest([one.minutes for one in each]), _widest([one.megabytes for one in each]))


def _limits(partition: str) -> Limits:
    shown = _output("scontrol", "--oneliner", "show", "partition", partition).split()
    fields = dict(field.split("=", 1) for field in shown if "=" in field)
    config = _output("scontrol", "show", "config").splitlines()
    everywhere = [line.split("=")[1] for line in config if line.startswith("MaxMemPerNode ")]
    nodes = _output("sinfo", "--noheader", "--exact", "-p", partition, "-o", "%m").split()
    largest = [max(int(memory.rstrip("+")) for memory in nodes)] if nodes else []
    allowed = [number(text) for text in (fields.get("MaxMemPerNode", ""), *everywhere)]
    known = [*largest, *(megabytes for megabytes in allowed if megabytes)]
    return Limits(minutes(fields.get("MaxTime", "")), min(known, default=None))


def minutes(time: str) -> int | None:
    """The minutes in a time such as 7-00:00:00 or 01:30:00; None for anything else, such as UNLIMITED."""
    days, _, clock = time.rpartition("-")
    parts = clock.split(":")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return None
    return int(days or 0) * 1440 + int(parts[0]) * 60 + int(parts[1])


def number(text: str) -> int | None:
    """A number that scontrol prints; None for UNLIMITED and for an empty text."""
    return int(text) if text.strip().isdigit() else None


def _widest(limits: list[int | None]) -> int | None:
    known = [limit for limit in limits if limit is not None]
    return max(known) if len(known) == len(limits) else None


def _output(*command: str) -> str:
    """What a command of Slurm prints; "" if it fails."""
    try:
        asked = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout
