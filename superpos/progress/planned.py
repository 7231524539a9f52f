"""What `make plan` prints: which jobs would run, why, and how long they would take."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from superpos.progress import estimates

FORCED = "Forced execution"
OTHER_ORIGIN = "Made with other settings or code"
"""Our reason for a file with a different origin; Snakemake only knows that its job is forced."""
REASONS = {
    OTHER_ORIGIN: "it was made with other settings or code",
    "Missing output files": "it does not exist yet",
    "Updated input files": "an input has changed",
    "Input files updated by another job": "an input will be remade",
    "Code has changed since last execution": "its code has changed",
    "Params have changed since last execution": "its settings or code have changed",
    "Set of input files has changed since last execution": "its set of inputs has changed",
    "Incomplete output files": "it was interrupted",
    FORCED: "you asked for it",
}
"""Snakemake's reasons, and the words in which the user reads them."""


@dataclass(frozen=True)
class PlannedJob:
    """A job that would run: its name as in `estimates`, and Snakemake's reason."""

    name: str
    reason: str


def lines(
    jobs: Sequence[PlannedJob],
    known: Mapping[str, float],
    cores: int,
    costs: Mapping[str, float] = MappingProxyType({}),
) -> list[str]:
    """A line for the whole plan, one for each stage, one for each group of jobs with the same reason."""
    times = {job.name: estimates.estimated_seconds(job.name, known, costs) for job in jobs}
    measured = sum(name in known for name in times)
    whole = estimates.duration(estimates.wall(times.values(), cores))
    text = [
        f"{_count(jobs)} would run, about {whole} on {cores} core{'s' * (cores > 1)} "
        f"({measured} timed by earlier runs, {len(times) - measured} estimated from similar jobs)"
    ]
    stages: dict[str, list[PlannedJob]] = defaultdict(list)
    for job in jobs:
        stages[estimates.stage_of_job(job.name)].append(job)
    for stage, planned in stages.items():
        text += ["", f"{stage}: {_amount(planned, times)}", *_groups(planned, times)]
    return text


def why(reason: str) -> str:
    """Snakemake's reasons in words, without file names; if a file is missing, this is the only reason
    given."""
    found = [words for kind, words in REASONS.items() if kind in reason]
    if "Missing output files" in reason:
        found = found[:1]
    return " and ".join(found) or reason.splitlines()[0][:100]


def _groups(planned: Sequence[PlannedJob], times: Mapping[str, float]) -> list[str]:
    groups: dict[tuple[str, str], list[PlannedJob]] = defaultdict(list)
    for job in planned:
        groups[_subject(job.name), why(job.reason)].append(job)
    longest = sorted(groups.items(), key=lambda g: -sum(times[job.name] for job in g[1]))
    return [
        f"    {subject}: {_amount(group, times)}, because {reason}"
        for (subject, reason), group in longest
    ]


def _subject(name: str) -> str:
    """The experiment of a job, or what a job of a stage without experiments makes."""
    first, *rest = name.split("/")
    return rest[0] if first in estimates.STAGE_FOLDERS and rest else first


def _amount(jobs: Sequence[PlannedJob], times: Mapping[str, float]) -> str:
    spent = estimates.duration(sum(times[job.name] for job in jobs))
    return f"{_count(jobs)}, {spent} of one core"


def _count(jobs: Sequence[PlannedJob]) -> str:
    return f"{len(jobs)} job{'s' * (len(jobs) > 1)}"
