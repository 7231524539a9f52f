"""The origin of a file: a digest of what it is and of all that decides what is in it.

A job's origin covers its settings, its code and the origins of its inputs, which cover theirs: two
files of the same origin hold the same results, whatever folder or checkout they come from.
"""

from collections.abc import Iterable
from typing import Any

from superpos.numerics.digest import digest


def of_job(settings: Any, inputs: Iterable[str]) -> str:
    """The origin of a job; settings: plain values, digests of its code among them; inputs: origins."""
    return digest([settings, list(inputs)])


def of_file(job: str, place: str) -> str:
    """The origin of one of a job's files; place: its path below the root of the results."""
    return digest([job, place])
