"""Small conditions and jobs that the tests of the pipeline core share."""

from collections.abc import Iterable, Mapping
from typing import Any

from superpos.config.condition import Condition, overridden
from superpos.config.specification import Specification
from superpos.config.sweep import Sweep
from superpos.config.trained_runs import TrainedRuns
from superpos.numerics.samples import Samples
from superpos.training.block import TrainedBlock, train_blocks

PLAIN: dict[str, Any] = {
    "n_features": 6,
    "n_hidden": 3,
    "model": "relu_output",
    "data": {"name": "independent"},
    "density": 0.3,
    "importance": 1.0,
    "optimizer": {
        **{"name": "adamw", "lr": 0.01, "betas": [0.9, 0.999]},
        **{"eps": 1e-8, "weight_decay": 0.01},
    },
    "schedule": "constant",
    "gradient": "minibatch",
    "init": {"name": "xavier"},
    "batch": 16,
    "steps": 20,
}

PI_KEY = 0x299F31D0A4093822
"""The key of Random123's known answers: digits of pi, low word first."""


def changed(**changes: Any) -> dict[str, Any]:
    """The plain values of a small condition; the optimizer's keys merge, other values replace."""
    optimizer = {**PLAIN["optimizer"], **changes.pop("optimizer", {})}
    return {**PLAIN, "optimizer": optimizer, **changes}


def condition(**changes: Any) -> Condition:
    """A small condition."""
    return Condition.model_validate(changed(**changes))


def specification(
    points: dict[str, Any] | None = None,
    common: dict[str, Any] = PLAIN,
    sweep: dict[str, Any] | None = None,
    **changes: Any,
) -> Specification:
    """A training job of two replicates of a small condition, or of one at each of some points."""
    job = {
        **{"seed": 0, "sweep": Sweep.of(common, sweep or {}), "replicates": (0, 2)},
        **{"engine": "reference", "losses": 5},
    }
    made = Specification(**{**job, **changes})
    if points is not None:
        # Under names of the test's own, where a sweep would give them others.
        made.sweep.__dict__["conditions"] = {
            slug: Condition.model_validate(overridden(common, point))
            for slug, point in points.items()
        }
    return made


def train_block(
    made: Specification,
    code: Mapping[str, str],
    stored: Iterable[TrainedRuns],
    training_sets: Mapping[str, Samples],
    threads: int,
    *more: Any,
    **named: Any,
) -> TrainedBlock:
    """Train the runs of one job. The further arguments are those of `train_blocks`."""
    return train_blocks([(made, code)], stored, training_sets, threads, *more, **named)[0]
