"""Train runs of one condition and return them as arrays, for a notebook."""

from typing import Any

from superpos.api.experiment import experiment_config, results
from superpos.api.keywords import keywords
from superpos.api.models import Models
from superpos.training.progress import Progress

OF_SWEEPS = ("sweep", "base", "title", "trained", "best_of", "select", "block", "pack", "metrics")
"""Keys that say how several conditions are planned, compared and measured."""


@keywords(without=OF_SWEEPS)
def train(
    n_features: int,
    n_hidden: int,
    *,
    seed: int | None = None,
    threads: int | None = None,
    report_progress: Progress | None = None,
    **block: Any,
) -> Models:
    """Train `replicates` runs of one condition and evaluate them on held-out samples.

    The arguments are the keys of config.yaml, as those of `superpos.sweep`. An argument that is not
    given takes its default from config.yaml, and so does the seed. `density` is 1 - S. `density` and
    `importance` take a number, one number per feature (a list, tuple, or array of any library), or the
    short forms of the config. `data`, `optimizer` and `init` take a name, or a mapping with
    parameters, such as data={"name": "correlated", "sets": 2}; `lr` is short for
    optimizer={"lr": ...}. All cores are used unless `threads` is given. A bar shows the progress in
    terminals and notebooks, unless `report_progress` is given, which is called with the fraction of
    the training that is complete.

    The results of a run depend only on seed, condition and replicate: the same values in the config
    give the same weights. Raises a ConfigError, which is a ValueError, that names the argument, its
    value and the fix.
    """
    whole = {**block, "n_features": n_features, "n_hidden": n_hidden, "metrics": []}
    config = experiment_config(None, whole, seed)
    (models,) = results(config, threads, report_progress).models.values()
    return models
