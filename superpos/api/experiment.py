"""Run a whole experiment in memory, from its config to the tables that figures and claims read.

The stages are those of the pipeline, in one process and without files: conditions, held-out samples,
training, metrics.
"""

import os
import warnings
from collections.abc import Mapping
from typing import Any

import pandas as pd
from pydantic import JsonValue

from superpos.api.engine_check import check_engine
from superpos.api.held_out_losses import losses_for
from superpos.api.keywords import keywords
from superpos.api.progress_bar import shown_progress
from superpos.api.results import Results
from superpos.config import jobs, layers, shipped
from superpos.config.condition_table import to_table
from superpos.config.experiments import Config, Experiment
from superpos.config.messages import ConfigError, mapping
from superpos.config.resolving import resolve
from superpos.config.trained_runs import TrainedRuns
from superpos.data.finite_set import training_set
from superpos.data.held_out import Samples, by_distribution, draw_held_out
from superpos.metrics.stage import tables as measured
from superpos.numerics.diverged_runs import describe_diverged
from superpos.tables import Tables
from superpos.training.block import TrainedBlock, train_blocks
from superpos.training.progress import Progress

CALLER = 4
"""The frame of the person's own code, counted from `results`, for `warnings.warn`."""


@keywords("sweep")
def sweep(
    base: str | None = None,
    *,
    seed: int | None = None,
    threads: int | None = None,
    report_progress: Progress | None = None,
    **block: Any,
) -> Results:
    """Train the runs of an experiment and measure them.

    The arguments are the keys of an experiment in config.yaml (n_features, n_hidden, sweep, replicates,
    metrics, ...), with the short forms of `superpos.train`. The other values come from the shipped
    experiment that `base` names, if any, and from the defaults of its config file, which is
    config.yaml without a `base`. If `seed` is None, it is that of the same file; if `threads` is None,
    all cores are used. A bar shows the progress in terminals and notebooks, unless `report_progress`
    is given, which is called with the fraction of the training that is complete.

        superpos.sweep("F1", replicates=4)
        superpos.sweep(n_features=6, n_hidden=2, sweep={"density": [1.0, 0.1]})

    One table has a row for each run, another a row for each feature of each run, and `models` has the
    runs of each condition as arrays. The runs are the same as those that the pipeline trains with
    these values. Raises a ConfigError, which is a ValueError, that names the key, its value and the
    fix.
    """
    return results(experiment_config(base, block, seed), threads, report_progress)


def results(config: Config, threads: int | None, report_progress: Progress | None) -> Results:
    """Train and measure the only experiment of a config."""
    if threads is not None and (type(threads) is not int or threads < 1):
        raise ConfigError(f"threads: {threads!r}; give a whole number of 1 or more")
    (experiment,), seed = config.experiments.values(), config.seed
    settings, conditions = experiment.settings, experiment.conditions
    check_engine(settings.engine, conditions.values(), CALLER)
    sets = {name: training_set(drawn, seed) for name, drawn in experiment.sweep.sets(seed).items()}
    with shown_progress(report_progress) as report:
        blocks = _blocks(config, experiment, sets, threads or os.cpu_count() or 1, report)
    samples = draw_held_out(conditions.values(), seed, **settings.evaluation.model_dump())
    runs, features, checkpoints, by_sample = measured(
        experiment.name,
        to_table(experiment.sweep),
        settings.measured(seed),
        [TrainedRuns(b.arrays, b.names) for b in blocks],
        by_distribution(samples),
        sets,
        losses_for(settings.engine),
    )
    if line := describe_diverged(runs["diverged"].to_numpy()):
        warnings.warn(f"{line}: their losses and metrics are NaN; lower lr", stacklevel=CALLER)
    history = pd.concat([b.history() for b in blocks], ignore_index=True)
    history = history.assign(experiment=experiment.name)
    of = {experiment.name: experiment}
    tables = Tables(runs, features, history, checkpoints, experiments=of, samples=by_sample)
    return Results(tables, conditions)


def experiment_config(base: str | None, block: Mapping[str, JsonValue], seed: JsonValue) -> Config:
    """The config of one experiment: a new one, or the shipped one named `base` with changes.

    If `seed` is None, it is that of the shipped config. Raises a ConfigError; for a new experiment it
    names the key alone.
    """
    name = "sweep" if base is None else base
    try:
        raw = shipped.config() if base is None else shipped.config_with("experiments", base)
        titled: JsonValue = {"title": name, **block} if base is None else dict(block)
        blocks = mapping(layers.over(raw, {"experiments": {name: titled}})["experiments"], "")
        whole: JsonValue = {name: layers.self_contained(name, blocks)}
        only = {"defaults": raw["defaults"], "experiments": whole, "theory": {}, "figures": {}}
        return resolve({**only, "seed": raw["seed"] if seed is None else seed})
    except ValueError as error:
        said = str(error) if base else str(error).removeprefix(f"experiments.{name}").lstrip(".: ")
        raise ConfigError(said) from None


def _blocks(
    config: Config,
    experiment: Experiment,
    sets: Mapping[str, Samples],
    threads: int,
    report_progress: Progress,
) -> list[TrainedBlock]:
    """The trained block of each job."""
    no_code: dict[str, str] = {}
    planned = [(jobs.specification(config, job), no_code) for job in jobs.jobs(experiment)]
    return train_blocks(planned, (), sets, threads, report_progress=report_progress)
