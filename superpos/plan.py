"""From the config to jobs: which runs are trained together, and where each file lies.

{root}/{experiment}/conditions.parquet, evaluation.safetensors, runs.parquet, features.parquet, ...
{root}/{experiment}/models/{slice}/{first}-{stop}.safetensors (weights), .parquet (loss history)
{root}/training_sets/{distribution}.safetensors
"""

from dataclasses import dataclass
from typing import Any

from superpos.config import Config, Experiment


@dataclass(frozen=True)
class Job:
    """One training job: a block of replicates of the conditions of one slice."""

    experiment: str
    slice: str
    first: int
    stop: int
    points: dict[str, dict[str, Any]]

    @property
    def name(self) -> str:
        """Where its files lie below {root}, without suffix."""
        return f"{self.experiment}/models/{self.slice}/{self.first}-{self.stop}"


def jobs(experiment: Experiment) -> list[Job]:
    """Every training job of an experiment."""
    settings = experiment.settings
    starts = range(0, settings.replicates, settings.block)
    return [
        Job(experiment.name, name, a, min(a + settings.block, settings.replicates), by_slug)
        for name, by_slug in slices(experiment).items()
        for a in starts
    ]


def slices(experiment: Experiment) -> dict[str, dict[str, dict[str, Any]]]:
    """The points that share a job: those that differ in packed keys alone."""
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    pack = experiment.settings.pack
    for slug, point in experiment.points.items():
        words = slug.split(",")
        kept = [w for w in words if w.split("=")[0] not in pack]
        groups.setdefault(",".join(kept) or "all", {})[slug] = point
    return groups


def specification(config: Config, job: Job) -> dict[str, Any]:
    """All that training needs, and nothing else, so that nothing else trains it again."""
    experiment = config.experiments[job.experiment]
    settings = experiment.settings
    return {
        "seed": config.seed,
        "plain": experiment.plain,
        "points": job.points,
        "replicates": [job.first, job.stop],
        "engine": settings.engine,
        "losses": settings.losses,
        "checkpoints": settings.checkpoints,
    }


def training_sets(config: Config, job: Job) -> list[str]:
    """The finite training sets of a job, by the digests of their distributions."""
    conditions = [config.experiments[job.experiment].conditions[slug] for slug in job.points]
    finite = {
        c.distribution(config.seed) for c in conditions if c.data.training_samples is not None
    }
    return sorted(finite)


def cost(config: Config, job: Job) -> int:
    """A rough measure of a job's length, so that the longest can start first."""
    conditions = [config.experiments[job.experiment].conditions[slug] for slug in job.points]
    numbers = sum(
        c.steps * c.batch * c.n_features * c.n_hidden * max(c.densities()) for c in conditions
    )
    return int((job.stop - job.first) * numbers / 1e6)
