"""From the config to jobs: which runs are trained together, and where each file lies.

{root}/{experiment}/conditions.parquet, evaluation.safetensors, runs.parquet, features.parquet, ...
{root}/{experiment}/models/{slice}/{first}-{stop}.safetensors (weights), .parquet (loss history)
{root}/training_sets/{distribution}.safetensors
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from superpos.config.condition import Condition
from superpos.config.experiments import Config, Experiment
from superpos.config.grids import expand, points, slug
from superpos.config.specification import Specification


@dataclass(frozen=True)
class Job:
    """One training job: a block of replicates of the conditions of one slice.

    `points` are the conditions of the slice by slug, `sweep` is the same in short form.
    """

    experiment: str
    slice: str
    first: int
    stop: int
    points: dict[str, dict[str, Any]]
    sweep: list[Mapping[str, Any]]

    @property
    def name(self) -> str:
        """Where its files lie below {root}, without suffix."""
        return f"{self.experiment}/models/{self.slice}/{self.first}-{self.stop}"


def jobs(experiment: Experiment) -> list[Job]:
    """Every training job of an experiment."""
    settings = experiment.settings
    starts = range(0, settings.replicates, settings.block)
    by_slice = [(name, points(sweep), sweep) for name, sweep in slices(experiment).items()]
    return [
        Job(experiment.name, name, a, min(a + settings.block, settings.replicates), by_slug, sweep)
        for name, by_slug, sweep in by_slice
        for a in starts
    ]


def slices(experiment: Experiment) -> dict[str, list[Mapping[str, Any]]]:
    """The part of the sweep that shares a job: points that differ in packed keys alone.

    A part is a sweep itself, not a list of its points, of which there may be thousands.
    """
    sweep = experiment.sweep
    by_slice: dict[str, list[Mapping[str, Any]]] = {}
    for part in sweep if isinstance(sweep, list) else [sweep]:
        for name, narrowed in _narrowed(part, experiment.settings.pack):
            by_slice.setdefault(name, []).append(narrowed)
    return by_slice


def _narrowed(part: Mapping[str, Any], pack: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The slices of a product of axes: each has one value of every axis that is not packed."""
    kept = {axis: expand(axis, values) for axis, values in part.items() if axis not in pack}
    for values in itertools.product(*kept.values()):
        point = dict(zip(kept, values, strict=True))
        # On its way to a cluster's node, Snakemake splits a wildcard's value at a comma.
        name = slug(point, "all").replace(",", "+")
        yield name, {**part, **{axis: [value] for axis, value in point.items()}}


def files(config: Config, judged: Iterable[str]) -> list[str]:
    """Every file of every stage, below {root}; judged: the files with claims that are judged."""
    tables = ("conditions", "runs", "features", "history", "checkpoints")
    packed = ("evaluation", "explorer")
    trained = [job.name for e in config.experiments.values() for job in jobs(e)]
    return [
        *(f"{name}/{table}.parquet" for name in config.experiments for table in tables),
        *(f"{name}/{kind}.safetensors" for name in config.experiments for kind in packed),
        *(f"{name}.{kind}" for name in trained for kind in ("safetensors", "parquet")),
        *(f"training_sets/{name}.safetensors" for name in _sets(config)),
        *(f"theory/{name}.parquet" for name in config.theory),
        *(f"figures/{name}.{kind}" for name in config.figures for kind in ("svg", "pdf", "png")),
        *(f"claims/{name}.parquet" for name in judged),
        *("claims.parquet", "claims.csv", "report.html", "departures.html"),
    ]


def names(config: Config, judged: Iterable[str]) -> list[str]:
    """The name of every job, which its log and its times have below {root}/logs, {root}/benchmarks."""
    stages = ("conditions", "evaluation", "metrics", "explorer")
    trained = [job.name for e in config.experiments.values() for job in jobs(e)]
    return [
        *(f"{name}/{stage}" for name in config.experiments for stage in stages),
        *(name.replace("/models/", "/train/", 1) for name in trained),
        *(f"training_sets/{name}" for name in _sets(config)),
        *(f"theory/{name}" for name in config.theory),
        *(f"figures/{name}" for name in config.figures),
        *(f"claims/{name}" for name in judged),
        *("claims", "report"),
    ]


def _sets(config: Config) -> list[str]:
    """All finite training sets, by the digests of their distributions."""
    finite = {
        c.distribution(config.seed)
        for e in config.experiments.values()
        for c in e.conditions.values()
        if c.data.training_samples is not None
    }
    return sorted(finite)


def specification(config: Config, job: Job) -> Specification:
    """What the training job is told."""
    experiment = config.experiments[job.experiment]
    settings = experiment.settings
    return Specification(
        seed=config.seed,
        common=experiment.plain,
        sweep=[dict(part) for part in job.sweep],
        replicates=(job.first, job.stop),
        engine=settings.engine,
        losses=settings.losses,
        checkpoints=tuple(settings.checkpoints),
    )


def conditions(config: Config, job: Job) -> list[Condition]:
    """The conditions of a job."""
    by_slug = config.experiments[job.experiment].conditions
    return [by_slug[slug] for slug in job.points]


def training_sets(config: Config, job: Job) -> list[str]:
    """The finite training sets of a job, by the digests of their distributions."""
    finite = {
        c.distribution(config.seed)
        for c in conditions(config, job)
        if c.data.training_samples is not None
    }
    return sorted(finite)


def steps(config: Config, job: Job) -> int:
    """The steps of all runs of a job together."""
    return (job.stop - job.first) * sum(c.steps for c in conditions(config, job))


def cost(config: Config, job: Job) -> int:
    """A rough measure of a job's length, so that the longest can start first."""
    trained = conditions(config, job)
    # A grid has few densities, and there may be thousands of conditions.
    densest = {
        form: condition.densities().max()
        for form, condition in {repr(c.density): c for c in trained}.items()
    }
    numbers = sum(
        c.steps * c.batch * c.n_features * c.n_hidden * densest[repr(c.density)] for c in trained
    )
    return int((job.stop - job.first) * numbers / 1e6)


def minutes(work: int) -> int:
    """Minutes to ask a cluster for, for a job of that `cost`: thrice what two slow cores took."""
    return 3 + work // 6000


def megabytes(config: Config, job: Job) -> int:
    """Memory to ask a cluster for: 1000 MB of programs, 20 kB a run, and ten times the weights."""
    settings = config.experiments[job.experiment].settings
    trained = conditions(config, job)
    runs = (job.stop - job.first) * len(trained)
    weights = max(c.n_features * (c.n_hidden + 1) for c in trained)
    kept = 10 + len(settings.checkpoints)
    return 1000 + runs // 50 + 4 * runs * weights * kept // 1_000_000
