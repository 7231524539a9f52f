"""Estimate how long jobs will take from how long earlier ones took.

A job is named by the path of its benchmark file within the folder of benchmarks, without the suffix:
F1/train/density=0.2/0-24, F1/metrics, figures/F1, report.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from statistics import fmean
from types import MappingProxyType

STAGE_FOLDERS = ("figures", "theory", "claims", "training_sets")
"""The folders of benchmarks that belong to a stage; every other folder belongs to an experiment."""

UNTIMED_SECONDS = 5.0
"""The estimate for a job of a stage that was never timed."""


def stage_of_job(job: str) -> str:
    """The stage that a job belongs to: train, metrics, figures, report, ..."""
    first, *rest = job.split("/")
    return first if first in STAGE_FOLDERS or not rest else rest[0]


def estimated_seconds(
    job: str, known: Mapping[str, float], costs: Mapping[str, float] = MappingProxyType({})
) -> float:
    """The job's own time if it is known, otherwise an estimate from other jobs of its stage.

    Jobs of the same experiment are preferred. The estimate is their mean time or, if the `costs` of the
    job and of some of them are known, their time scaled in proportion to the cost.
    """
    if job in known:
        return known[job]
    same_stage = {k: s for k, s in known.items() if stage_of_job(k) == stage_of_job(job)}
    same_experiment = {k: s for k, s in same_stage.items() if k.split("/")[0] == job.split("/")[0]}
    alike = same_experiment or same_stage
    of_cost = [k for k in alike if costs.get(k)]
    if of_cost and costs.get(job):
        return costs[job] * sum(alike[k] for k in of_cost) / sum(costs[k] for k in of_cost)
    return fmean(alike.values() or [UNTIMED_SECONDS])


def wall(remaining: Iterable[float], cores: int) -> float:
    """Seconds until all jobs are done if each uses one core: max(sum / cores, the longest job)."""
    each = list(remaining)
    return max(sum(each) / cores, *each, 0.0)


def pace(took: float, estimated: float, total: float) -> float:
    """The finished jobs' time divided by their estimate, with a tenth of the total time added to both.

    The tenth dampens the pace at the start, when one or two jobs say little about the others.
    """
    return (took + total / 10) / (estimated + total / 10) if total else 1.0


def duration(s: float) -> str:
    """Seconds in words: 8 s, 3 min, 1 h 20 min."""
    if s < 90:
        return f"{s:.0f} s"
    minutes = round(s / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def by_name(benchmarks: Mapping[PurePath, float]) -> dict[str, float]:
    """Seconds by job, from seconds by benchmark file."""
    return {path.with_suffix("").as_posix(): s for path, s in benchmarks.items()}


def by_kind(times: Mapping[str, float]) -> dict[str, float]:
    """Seconds by stage, and for training by experiment, the longest first, from seconds by job."""
    total: defaultdict[str, float] = defaultdict(float)
    for job, s in times.items():
        kind = stage_of_job(job)
        total[f"train {job.split('/')[0]}" if kind == "train" else kind] += s
    return dict(sorted(total.items(), key=lambda item: -item[1]))


def shortest(known: Mapping[str, float], new: Mapping[str, float]) -> dict[str, float]:
    """The shorter of the new and the known seconds of each job, because a busy machine takes longer."""
    return {job: min(s, known.get(job, s)) for job, s in new.items()}


def from_tsv(text: str) -> dict[str, float]:
    """Seconds by job, from a header and lines with a name, a tab and a number."""
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return {name: float(s) for name, s in rows}


def to_tsv(times: Mapping[str, float]) -> str:
    """The text that `from_tsv` reads."""
    return "".join(["job\tseconds\n", *(f"{n}\t{s:.1f}\n" for n, s in sorted(times.items()))])
