"""How long jobs will take, from how long earlier ones took.

A job is named by its benchmark file within the folder of benchmarks, without suffix:
F1/train/density=0.2/0-24, F1/metrics, figures/F1, report.
"""

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from statistics import fmean

SHARED = ("figures", "theory", "claims", "training_sets")
"""Folders of benchmarks that belong to a stage; the others belong to an experiment."""

GUESS = 5.0
"""Seconds of a job of a stage that was never timed."""


def stage(job: str) -> str:
    """The stage that a job belongs to: train, metrics, figures, report, ..."""
    first, *rest = job.split("/")
    return first if first in SHARED or not rest else rest[0]


def seconds(job: str, known: Mapping[str, float]) -> float:
    """The job's own time, or the mean over its stage in its experiment, or over its stage."""
    if job in known:
        return known[job]
    alike = {k: s for k, s in known.items() if stage(k) == stage(job)}
    near = [s for k, s in alike.items() if k.split("/")[0] == job.split("/")[0]]
    return fmean(near or alike.values() or [GUESS])


def wall(remaining: Iterable[float], cores: int) -> float:
    """Seconds until jobs of one core each are done: max(sum / cores, the longest)."""
    each = list(remaining)
    return max(sum(each) / cores, *each, 0.0)


def pace(took: float, estimated: float, total: float) -> float:
    """Time over estimate of the finished jobs, drawn to 1 as if a tenth of the total had fit.

    The first training job compiles the kernels; without that weight it alone would decide.
    """
    return (took + total / 10) / (estimated + total / 10) if total else 1.0


def duration(s: float) -> str:
    """Seconds for a reader: 8 s, 3 min, 1 h 20 min."""
    if s < 90:
        return f"{s:.0f} s"
    minutes = round(s / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def by_name(benchmarks: Mapping[PurePath, float]) -> dict[str, float]:
    """Seconds by job, from those by benchmark file."""
    return {path.with_suffix("").as_posix(): s for path, s in benchmarks.items()}


def table(text: str) -> dict[str, float]:
    """Seconds by job, from lines of a name, a tab and a number; a header is passed over."""
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return {name: float(s) for name, s in rows}


def as_table(times: Mapping[str, float]) -> str:
    """The text that `table` reads."""
    return "".join(["job\tseconds\n", *(f"{n}\t{s:.1f}\n" for n, s in sorted(times.items()))])
