"""Memory that an experiment needs at least, so that one too large is refused before a job starts."""

from collections.abc import Mapping
from typing import Any

import psutil

from superpos.condition import Condition


def check(conditions: Mapping[str, Condition], settings: Any) -> None:
    """Raise a ValueError if arrays that must be in memory at once are larger than this machine's."""
    total = psutil.virtual_memory().total
    for (what, keys), size in _bytes(conditions, settings).items():
        if size > total:
            raise ValueError(
                f"{what} would fill {size / 1e9:.3g} GB at least, and this machine has"
                f" {total / 1e9:.3g} GB of memory; lower {keys}"
            )


def _bytes(conditions: Mapping[str, Condition], settings: Any) -> dict[tuple[str, str], float]:
    """Lower bounds of the largest arrays, by what they are and the keys that decide their size."""
    # A grid has few densities, and there may be thousands of conditions.
    forms = {(c.n_features, repr(c.density)): c for c in conditions.values()}
    means = {form: float(c.densities().mean()) for form, c in forms.items()}
    every = [(c, c.n_features * means[c.n_features, repr(c.density)]) for c in conditions.values()]
    weights = sum(4 * c.n_features * (c.n_hidden + 1) for c, _ in every) * settings.replicates
    evaluation = settings.evaluation
    samples = 16 if evaluation.strata else max(16 + 6 * active for _, active in every)
    return {
        ("the weights of all runs", "n_features, n_hidden, replicates or checkpoints"): weights
        * (1 + len(settings.checkpoints)),
        ("one batch", "batch"): max(4 * c.batch * max(active, 1) for c, active in every),
        ("the schedule of all steps", "steps"): 40.0 * max(c.steps for c, _ in every),
        ("the training set", "data.training_samples"): max(
            4 * c.n_features * (c.data.training_samples or 0) for c, _ in every
        ),
        ("the held-out set", "evaluation"): 2 * samples * (evaluation.strata or evaluation.samples),
    }
