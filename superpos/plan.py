"""From the config to jobs: which runs are trained together, and where each file lies.

    {root}/{experiment}/conditions.parquet, evaluation.safetensors, runs.parquet, features.parquet, ...
    {root}/{experiment}/models/{slice}/{first}-{stop}.safetensors (weights), .parquet (loss history)
    {root}/training_sets/{digest}.safetensors
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from superpos.condition import Condition, digest
from superpos.config import Config, Experiment, overridden


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


def conditions(specification: Mapping[str, Any]) -> dict[str, Condition]:
    """The conditions of a job's specification, by slug."""
    plain, points = specification["plain"], specification["points"]
    return {s: Condition.model_validate(overridden(plain, p)) for s, p in points.items()}


def distribution(seed: int, condition: Condition) -> dict[str, Any]:
    """What decides the distribution of x: conditions that share it share their evaluation set."""
    plain = condition.canonical()
    return {"seed": seed, **{k: plain[k] for k in ("n_features", "data", "density")}}


def training_set(seed: int, condition: Condition) -> str | None:
    """The digest that names the condition's finite training set, None where samples are fresh."""
    if condition.data.training_samples is None:
        return None
    return digest(distribution(seed, condition))[:16]
