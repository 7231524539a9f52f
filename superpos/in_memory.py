"""A whole experiment in memory, from the config's words to the tables that figures and claims read.

The same stages as the pipeline's, in one process and without files: conditions, held-out samples,
training, metrics.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from superpos import plan, plugins, shipped
from superpos.condition_table import to_table
from superpos.config import Config, Experiment, Figure, resolve, with_changes
from superpos.evaluation import by_distribution, held_out
from superpos.grids import points
from superpos.measuring import tables as measured
from superpos.meter import Tell, silent
from superpos.tables import Tables
from superpos.training import train_block, training_set

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def sweep(
    base: str | None = None,
    /,
    *,
    seed: int = 0,
    threads: int | None = None,
    tell: Tell = silent,
    **block: Any,
) -> Tables:
    """Train an experiment's runs and measure them: a row a run, a row a run and feature.

    `block` has the keys of an experiment in config.yaml (n_features, n_hidden, sweep, replicates,
    metrics, ...); `base` names a shipped experiment that gives the others, the config's defaults
    give the rest. threads: all cores if None; tell: hears of the share of the training that is done.

        superpos.sweep("F1", replicates=4)
        superpos.sweep(n_features=6, n_hidden=2, sweep={"density": [1.0, 0.1]})

    Like values give the runs that the pipeline gives. Raises a ConfigError, a ValueError, that
    names the key, its value and the fix.
    """
    config = _config(base, block, seed)
    (experiment,) = config.experiments.values()
    blocks = _blocks(config, experiment, threads or os.cpu_count() or 1, tell)
    settings = experiment.settings
    conditions = experiment.conditions.values()
    samples = held_out(conditions, seed, **settings.evaluation.model_dump())
    runs, features, checkpoints = measured(
        experiment.name,
        to_table(experiment.plain, experiment.points),
        {"seed": seed, **settings.model_dump(include={"metrics", "checkpoints", "best_of"})},
        [(b.arrays, b.notes) for b in blocks],
        by_distribution(samples),
    )
    history = pd.concat([b.history() for b in blocks], ignore_index=True)
    history = history.assign(experiment=experiment.name)
    of = {experiment.name: experiment}
    return Tables(runs, features, history, checkpoints, experiments=of)


def draw(figure: str, tables: Tables, **options: Any) -> "Drawing":
    """A figure of config.yaml (F1, F5, seed_bars, ...) of other tables than the paper's.

    What it needs of theory is computed unless the tables have it. Raises a ValueError for an
    unknown figure.
    """
    shipped_config = shipped.config()
    plugins.refuse_unknown("figure", figure, list(shipped_config["figures"]))
    line = Figure.model_validate(shipped_config["figures"][figure])
    theory = {**tables.theory, **_theory(shipped_config, line, tables)}
    given = Tables(tables.runs, tables.features, tables.history, tables.checkpoints, theory)
    drawn: Drawing = plugins.load("figure", line.draw).draw(given, **{**line.options, **options})
    return drawn


def _config(base: str | None, block: Mapping[str, Any], seed: int) -> Config:
    raw = shipped.config()
    name = base or "sweep"
    titled = block if base else {"title": name, **block}
    whole = with_changes(base, raw["experiments"], titled)
    only = {"experiments": {name: whole}, "theory": {}, "figures": {}, "seed": seed}
    return resolve({"defaults": raw["defaults"], **only})


def _blocks(config: Config, experiment: Experiment, threads: int, tell: Tell) -> list[Any]:
    """The trained block of each job, one job after another."""
    jobs = plan.jobs(experiment)
    steps = [plan.steps(config, job) for job in jobs]
    sets = {
        c.distribution(config.seed): training_set(c, config.seed)
        for c in experiment.conditions.values()
        if c.data.training_samples is not None
    }
    blocks = []
    for k, job in enumerate(jobs):
        specification = plan.specification(config, job)
        whole = {**specification, "points": points(specification["sweep"])}

        def share(here: float, before: int = sum(steps[:k]), its: int = steps[k]) -> None:
            tell((before + here * its) / sum(steps))

        blocks.append(train_block(whole, "", (), sets, threads, tell=share))
    return blocks


def _theory(raw: Mapping[str, Any], line: Figure, tables: Tables) -> dict[str, pd.DataFrame]:
    missing = {} if tables.theory else {name: raw["theory"][name] for name in line.theory}
    return {
        name: plugins.load("theory table", one["table"]).table(**one.get("settings", {}))
        for name, one in missing.items()
    }
