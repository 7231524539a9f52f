"""The jobs of a config: which runs are trained together, and where each file goes.

{root}/{experiment}/conditions.parquet, evaluation.safetensors, runs.parquet, features.parquet, ...
{root}/{experiment}/models/{slice}/{first}-{stop}.safetensors (weights), .parquet (loss history)
{root}/training_sets/{family}.safetensors
"""

from collections.abc import Iterable
from dataclasses import dataclass

from superpos.config.experiments import Config, Experiment
from superpos.config.memory import training_set_bytes
from superpos.config.specification import Engine, Specification
from superpos.config.sweep import Sweep, longest_sets

SPARSE = 0.05
"""A step over a whole training set, or over samples of unit norm, computes every output, whatever the
density, in as much time as minibatches of this density take."""


@dataclass(frozen=True)
class Job:
    """A training job: a block of replicates, from `first` up to `stop`, of the conditions of a slice."""

    experiment: str
    slice: str
    first: int
    stop: int
    sweep: Sweep

    @property
    def name(self) -> str:
        """The path of its files below {root}, without a suffix."""
        return f"{self.experiment}/models/{self.slice}/{self.first}-{self.stop}"

    @property
    def process(self) -> str:
        """The name of the process that trains it alone, as in `job_names`."""
        return self.name.replace("/models/", "/train/", 1)


def jobs(experiment: Experiment) -> list[Job]:
    """Every training job of an experiment."""
    settings = experiment.settings
    starts = range(0, settings.replicates, settings.block)
    return [
        Job(experiment.name, name, a, min(a + settings.block, settings.replicates), sweep)
        for name, sweep in experiment.slices.items()
        for a in starts
    ]


def result_files(config: Config, judged: Iterable[str]) -> list[str]:
    """Every file of every stage, below {root}; judged: the files of claims that the run judges."""
    tables = ("conditions", "runs", "features", "samples", "history", "checkpoints")
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


def job_names(config: Config, judged: Iterable[str]) -> list[str]:
    """The names of all processes, which their logs in {root}/logs and benchmarks in {root}/benchmarks
    have."""
    return [
        *(f"{name}/{stage}" for name in config.experiments for stage in ("data", "metrics")),
        *(name for e in config.experiments.values() for name in _processes(e)),
        *(f"training_sets/{name}" for name in _sets(config)),
        *(f"theory/{name}" for name in config.theory),
        *(f"figures/{name}" for name in config.figures),
        *(f"claims/{name}" for name in judged),
        *("claims", "report"),
    ]


def _processes(experiment: Experiment) -> list[str]:
    """The names of the processes that train: one for each job, but on a GPU one for all of them."""
    if trains_together(experiment):
        return [f"{experiment.name}/train"]
    return [job.process for job in jobs(experiment)]


def trains_together(experiment: Experiment) -> bool:
    """Whether one process trains all jobs: on a GPU, starting a process takes longer than most trainings."""
    return experiment.settings.engine == "gpu"


def _sets(config: Config) -> list[str]:
    """The families of finite training sets, each of which has one file."""
    return sorted(longest_sets((e.sweep for e in config.experiments.values()), config.seed))


def specification(config: Config, job: Job) -> Specification:
    """The specification of a training job."""
    settings = config.experiments[job.experiment].settings
    return Specification(
        seed=config.seed,
        sweep=job.sweep,
        replicates=(job.first, job.stop),
        engine=settings.engine,
        losses=settings.losses,
        checkpoints=tuple(settings.checkpoints),
    )


def cost(job: Job) -> int:
    """A rough measure of a job's length, so that the longest job can start first."""
    trained = job.sweep.conditions.values()
    # A grid has few densities, although it may have thousands of conditions.
    densest = {
        form: condition.densities().max()
        for form, condition in {repr(c.density): c for c in trained}.items()
    }
    numbers = sum(
        c.steps * c.samples_per_step * c.n_features * c.n_hidden
        * (SPARSE if c.batch == "all" or c.data.unit_norm else densest[repr(c.density)])
        for condition in trained
        for c in (condition, condition.earlier)
        if c is not None
    )  # fmt: skip
    return int((job.stop - job.first) * numbers / 1e6)


def minutes_to_request(experiment: Experiment, work: int) -> int:
    """The minutes to request on a cluster for a training job of this `cost`.

    They are three times the measured time on two slow cores, or a tenth of that on a GPU.
    """
    return 3 + work // (60_000 if trains_together(experiment) else 6000)


def megabytes_to_request(experiment: Experiment, trained: Iterable[Job]) -> int:
    """The memory to request on a cluster for the training of some jobs.

    This is 1000 MB for the program (3000 MB on a GPU), 20 kB per run, ten times the size of the weights,
    and the finite training sets.
    """
    kept = 10 + len(experiment.settings.checkpoints)
    programs = 3000 if trains_together(experiment) else 1000
    return programs + sum(_megabytes(job, kept, experiment.settings.engine) for job in trained)


def _megabytes(job: Job, kept: int, engine: Engine) -> int:
    trained = job.sweep.conditions.values()
    runs = (job.stop - job.first) * len(trained)
    weights = max(c.n_features * (c.n_hidden + 1) for c in trained)
    sets = {
        (c.n_features, repr(c.density), repr(c.data)): c
        for c in sorted(trained, key=lambda c: c.init.trained_on or 0)
        if c.data.training_samples is not None
    }
    held = sum(training_set_bytes(c, c.densities().sum(), engine) for c in sets.values())
    return runs // 50 + (4 * runs * weights * kept + int(held)) // 1_000_000
