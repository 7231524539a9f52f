"""Estimate an experiment's memory, so that one that needs too much is refused before any job starts."""

from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from superpos.config.condition import Condition
from superpos.config.specification import Engine


@dataclass(frozen=True)
class Kept:
    """The numbers of replicates per condition, of checkpoints per run and of held-out samples; the engine."""

    replicates: int
    checkpoints: int
    samples: int
    strata: int
    engine: Engine


def check_memory(conditions: Iterable[Condition], kept: Kept) -> None:
    """Raise a ValueError if an array that must be in memory as a whole is larger than the memory."""
    total = psutil.virtual_memory().total
    for (what, keys), size in _bytes(list(conditions), kept).items():
        if size > total:
            raise ValueError(
                f"{what} would need at least {size / 1e9:.3g} GB, and this machine has"
                f" {total / 1e9:.3g} GB of memory; lower {keys}"
            )


def training_set_bytes(condition: Condition, active: float, engine: Engine) -> float:
    """The bytes of a finite training set whose samples have this many features on.

    It is held sparse, and dense as well unless the fused engine trains on all of it in each step.
    """
    sparse = condition.batch == "all" and condition.model == "relu_output" and engine != "reference"
    dense = 0 if sparse else 4 * condition.n_features
    samples = (condition.data.training_samples or 0) + (condition.init.trained_on or 0)
    return samples * (16 + 10 * active + dense)


def _bytes(conditions: list[Condition], kept: Kept) -> dict[tuple[str, str], float]:
    """Lower bounds for the largest arrays, by what they are and the keys that decide their size."""
    # A grid has few densities, although it may have thousands of conditions.
    forms = {(c.n_features, repr(c.density)): c for c in conditions}
    on = {form: float(c.densities().sum()) for form, c in forms.items()}
    active = [on[c.n_features, repr(c.density)] for c in conditions]
    weights = sum(4 * c.n_features * (c.n_hidden + 1) for c in conditions)
    drawn = [c.batch if isinstance(c.batch, int) else 0 for c in conditions]
    batch = max(4 * count * max(n, 1) for count, n in zip(drawn, active, strict=True))
    sets = (training_set_bytes(c, n, kept.engine) for c, n in zip(conditions, active, strict=True))
    held_out = 2 * (
        kept.strata * max(map(_of_strata, conditions, active))
        or kept.samples * (16 + 6 * max(active))
    )
    all_weights = weights * kept.replicates * (1 + kept.checkpoints)
    return {
        ("the weights of all runs", "n_features, n_hidden, replicates or checkpoints"): all_weights,
        ("one batch", "batch"): batch,
        ("the schedule of all steps", "steps"): 40 * max(c.steps for c in conditions),
        ("the training set", "data.training_samples"): max(sets),
        ("the held-out set", "evaluation"): held_out,
    }


def _of_strata(condition: Condition, active: float) -> float:
    """The bytes of one sample of each stratum, up to the mean number of active units."""
    units = (condition.data.sets or condition.n_features) * active / condition.n_features
    return (1 + units) * (16 + 3 * active)
