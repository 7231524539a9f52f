"""What a run would do: which jobs, why, and how long they would take."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from superpos.progress import estimates

FORCED = "Forced execution"
STRANGE = "Made with other settings or code"
"""The reason for a file whose origin is not that of the plan: Snakemake only knows that it is forced."""
WHY = {
    STRANGE: "it was made with other settings or code",
    "Missing output files": "it is not there yet",
    "Updated input files": "what it reads has changed",
    "Input files updated by another job": "what it reads is made anew",
    "Code has changed since last execution": "its code has changed",
    "Params have changed since last execution": "its settings or code have changed",
    "Set of input files has changed since last execution": "it reads other files than before",
    "Incomplete output files": "it was interrupted",
    FORCED: "it was asked for",
}
"""Snakemake's reasons, for a reader."""


@dataclass(frozen=True)
class Planned:
    """A job that would run: its stage's experiment or name, and Snakemake's reason."""

    name: str
    reason: str


def lines(jobs: Sequence[Planned], known: Mapping[str, float], cores: int) -> list[str]:
    """One line for the whole, one a stage, one for each group of jobs with the same reasons."""
    times = {job.name: estimates.seconds(job.name, known) for job in jobs}
    measured = sum(name in known for name in times)
    whole = estimates.duration(estimates.wall(times.values(), cores))
    text = [
        f"{len(jobs)} jobs would run, about {whole} on {cores} core{'s' * (cores > 1)} "
        f"({measured} timed by earlier runs, {len(times) - measured} estimated from like jobs)"
    ]
    stages: dict[str, list[Planned]] = defaultdict(list)
    for job in jobs:
        stages[estimates.stage(job.name)].append(job)
    for stage, planned in stages.items():
        text += ["", f"{stage}: {_amount(planned, times)}", *_groups(planned, times)]
    return text


def why(reason: str) -> str:
    """The kinds of reasons that Snakemake gives, in plain words, the files left out.

    What is not there is made whatever else there is to say.
    """
    found = [plain for kind, plain in WHY.items() if kind in reason]
    if "Missing output files" in reason:
        found = found[:1]
    return " and ".join(found) or reason.splitlines()[0][:100]


def _groups(planned: Sequence[Planned], times: Mapping[str, float]) -> list[str]:
    groups: dict[tuple[str, str], list[Planned]] = defaultdict(list)
    for job in planned:
        groups[_subject(job.name), why(job.reason)].append(job)
    longest = sorted(groups.items(), key=lambda g: -sum(times[job.name] for job in g[1]))
    return [
        f"    {subject}: {_amount(alike, times)}, because {reason}"
        for (subject, reason), alike in longest
    ]


def _subject(name: str) -> str:
    """The experiment, or what a shared stage makes."""
    first, *rest = name.split("/")
    return rest[0] if first in estimates.SHARED and rest else first


def _amount(jobs: Sequence[Planned], times: Mapping[str, float]) -> str:
    spent = estimates.duration(sum(times[job.name] for job in jobs))
    return f"{len(jobs)} job{'s' if len(jobs) > 1 else ''}, {spent} of one core"
