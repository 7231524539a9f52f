"""Check an experiment as a whole: the rules that involve more than one key."""

from superpos import lookup
from superpos.config import drawn_samples, grids, memory
from superpos.config.experiments import Experiment
from superpos.config.messages import ConfigError, at_place
from superpos.config.needs import misfit, needs_of

LONGEST_SLICE = 200
"""The most letters in the name of a slice, which is also the name of a folder."""
MOST_JOBS = 100_000
"""The most training jobs that an experiment may have. Snakemake cannot plan more."""
SHAPING = ("n_features", "n_hidden", "model", "steps")
"""Keys that decide which arrays a run has, and their shapes."""


def check_experiment(place: str, experiment: Experiment) -> None:
    """Raise a ConfigError for the first thing that is wrong with the experiment."""
    _check_metrics(f"{place}.metrics", experiment)
    _check_best_of(f"{place}.best_of", experiment)
    _check_select(f"{place}.select", experiment)
    _check_decay(f"{place}.optimizer.decay_bias", experiment)
    _check_pack(f"{place}.pack", experiment)
    _check_samples(f"{place}.data.name", experiment)
    _check_strata(f"{place}.evaluation.strata", experiment)
    _check_jobs(place, experiment)
    _check_memory(place, experiment)
    _check_checkpoints(place, experiment)


def _check_metrics(place: str, experiment: Experiment) -> None:
    known = lookup.metrics()
    for metric in experiment.settings.metrics:
        with at_place(place):
            lookup.refuse_unknown("metric", metric, list(known))
        if lacking := misfit(needs_of(known[metric]), [experiment.offer]):
            raise ConfigError(
                f"{place}: {metric} {lacking}; remove {metric}, or change the experiment"
            )
    with at_place(place):
        grids.refuse_twice(experiment.settings.metrics)


def _check_best_of(place: str, experiment: Experiment) -> None:
    best_of, replicates = experiment.settings.best_of, experiment.settings.replicates
    if best_of is not None and best_of > replicates:
        raise ConfigError(
            f"{place}: {best_of}, but replicates is {replicates}; the best of k needs at least k replicates"
        )


def _check_select(place: str, experiment: Experiment) -> None:
    """Refuse to select by the training loss if a condition has no finite training set."""
    fresh = [s for s, c in experiment.conditions.items() if c.data.training_samples is None]
    if experiment.settings.select == "training_loss" and fresh:
        name = fresh[0] if len(fresh) < len(experiment.conditions) else experiment.name
        raise ConfigError(
            f"{place}: 'training_loss', but {name} has no finite training set; "
            "give data.training_samples, or select: held_out_loss"
        )


def _check_decay(place: str, experiment: Experiment) -> None:
    """Refuse `decay_bias: false` if there is no weight decay."""
    spared = [c.optimizer for c in experiment.conditions.values() if not c.optimizer.decay_bias]
    if spared and not any(optimizer.weight_decay for optimizer in spared):
        raise ConfigError(
            f"{place}: false has no effect, because weight_decay is 0; give a weight_decay, or leave"
            " decay_bias out"
        )


def _check_pack(place: str, experiment: Experiment) -> None:
    for key in experiment.settings.pack:
        with at_place(place):
            lookup.refuse_unknown("swept key", key, sorted(experiment.sweep.axes))
        if key in SHAPING:
            raise ConfigError(
                f"{place}: {key} changes the arrays of a run, and runs with different arrays cannot share"
                " a job; leave it out"
            )
    with at_place(place):
        grids.refuse_twice(experiment.settings.pack)


def _check_samples(place: str, experiment: Experiment) -> None:
    """Refuse a distribution whose file says what its samples are not."""
    for name in sorted({c.data.name for c in experiment.conditions.values()}):
        if part := drawn_samples.untrue(name):
            raise ConfigError(
                f"{place}: `{part}` in superpos/data/{name}.py does not describe the samples that `sample`"
                f" draws; correct {part}, or leave it out"
            )


def _check_strata(place: str, experiment: Experiment) -> None:
    """Refuse strata for distributions without units, because a stratum is a number of active units."""
    drawn = {c.data.name for c in experiment.conditions.values()}
    for name in sorted(drawn) if experiment.settings.evaluation.strata else ():
        if not hasattr(lookup.load("data", name), "units"):
            raise ConfigError(
                f"{place}: data {name!r} has no independent units to count; "
                "give evaluation: {strata: 0}"
            )


def _check_jobs(place: str, experiment: Experiment) -> None:
    """Limit the names of slices, which are folders, and the number of jobs, one for each block."""
    settings = experiment.settings
    longest = max(experiment.slices, key=len)
    if len(longest) > LONGEST_SLICE:
        raise ConfigError(
            f"{place}.sweep: the folder name {longest[:40]}... would have {len(longest)} characters; "
            "put the axis with the longest values in `pack`"
        )
    count = len(experiment.slices) * -(-settings.replicates // settings.block)
    if count > MOST_JOBS:
        raise ConfigError(
            f"{place}: {count} training jobs; raise `block`, or `pack` swept keys, until there are "
            f"at most {MOST_JOBS}"
        )


def _check_memory(place: str, experiment: Experiment) -> None:
    settings, evaluation = experiment.settings, experiment.settings.evaluation
    checkpoints = len(settings.checkpoints)
    kept = memory.Kept(
        settings.replicates, checkpoints, evaluation.samples, evaluation.strata, settings.engine
    )
    with at_place(place):
        memory.check_memory(experiment.conditions.values(), kept)


def _check_checkpoints(place: str, experiment: Experiment) -> None:
    for slug, condition in experiment.conditions.items():
        for step in experiment.settings.checkpoints:
            if step > condition.steps:
                raise ConfigError(
                    f"{place}.checkpoints: {step} is after the last step,"
                    f" {condition.steps} ({slug}); lower it, or raise steps"
                )
