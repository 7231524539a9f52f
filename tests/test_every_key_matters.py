"""No key of a condition is stored and never read: each, perturbed, changes the trained weights."""

import numpy as np
import pytest
from cases import PLAIN, changed, condition

from superpos.config.condition import Data, Init, Optimizer
from superpos.data.finite_set import training_set
from superpos.training import reference
from superpos.training.records import Recording

# Each key with a value that is not the small condition's. A run's own key stays what it is, so that a
# change is the doing of the engine, not of other random numbers.
PERTURBED = {
    "n_features": {"n_features": 7},
    "n_hidden": {"n_hidden": 2},
    "model": {"model": "linear"},
    "density": {"density": 0.31},
    "importance": {"importance": {"geometric": 0.99}},
    "schedule": {"schedule": "cosine"},
    "gradient": {"gradient": "control_variate"},
    "batch": {"batch": 17},
    "steps": {"steps": 21},
    "data.name": {"data": {"name": "correlated", "sets": 3}},
    "data.signed": {"data": {"name": "independent", "signed": True}},
    "data.sets": {"data": {"name": "correlated", "sets": 2}},
    "batch, all": {"batch": "all", "data": {"training_samples": 16}},
    "schedule, warmup_cosine": {"schedule": "warmup_cosine"},
    "data.unit_norm": {"data": {"unit_norm": True}},
    "data.training_samples": {"data": {"name": "independent", "training_samples": 30}},
    "data.set": {"data": {"training_samples": 30, "set": 1}},
    "data.repeats": {"data": {"training_samples": 30, "repeats": {"samples": 1, "times": 9}}},
    "data.repeats, the times": {
        "data": {"training_samples": 30, "repeats": {"samples": 1, "times": 15}}
    },
    "data.repeats, the samples": {
        "data": {"training_samples": 30, "repeats": {"samples": 2, "times": 9}}
    },
    "optimizer.name": {"optimizer": {"name": "adam", "weight_decay": 0.0}},
    "optimizer.lr": {"optimizer": {"lr": 0.011}},
    "optimizer.betas": {"optimizer": {"betas": [0.8, 0.999]}},
    "optimizer.betas, the second": {"optimizer": {"betas": [0.9, 0.99]}},
    "optimizer.eps": {"optimizer": {"eps": 1e-4}},
    "optimizer.weight_decay": {"optimizer": {"weight_decay": 0.1}},
    "optimizer.decay_bias": {"optimizer": {"weight_decay": 0.1, "decay_bias": False}},
    "model, without a bias": {"model": "relu_output_unbiased"},
    "init.name": {"init": {"name": "normal", "std": 1.0}},
    "init.std": {"init": {"name": "normal", "std": 1.1}},
}
BESIDE = {
    "data.sets": {"data": {"name": "correlated", "sets": 3}},
    "batch, all": {"data": {"training_samples": 16}},
    "schedule, warmup_cosine": {"schedule": "cosine"},
    "data.set": {"data": {"training_samples": 30}},
    "data.repeats": {"data": {"training_samples": 30}},
    "data.repeats, the times": PERTURBED["data.repeats"],
    "data.repeats, the samples": PERTURBED["data.repeats"],
    "optimizer.decay_bias": {"optimizer": {"weight_decay": 0.1}},
    "init.std": {"init": {"name": "normal", "std": 1.0}},
}
"""What a key that needs another is compared with."""


def weights(changes) -> bytes:
    c = condition(**changes)
    rows = training_set(c, 0) if c.data.training_samples else None
    run = reference.train([c], [np.uint64(1)], Recording(()), rows)
    return run.W.tobytes() + run.b.tobytes()


def test_every_key_is_perturbed_below():
    inner = {"data": Data, "optimizer": Optimizer, "init": Init}
    keys = {
        f"{key}.{part}" if key in inner else key
        for key in PLAIN
        for part in (inner[key].model_fields if key in inner else [""])
    }
    # An engine is given the weights that `init.trained_on` makes: see test_continued.
    assert {name.split(",")[0] for name in PERTURBED} == keys - {"init.trained_on"}


@pytest.mark.parametrize("key", PERTURBED)
def test_a_perturbed_key_changes_the_trained_weights(key):
    assert weights(PERTURBED[key]) != weights(BESIDE.get(key, {}))


def test_nothing_perturbed_changes_nothing():
    assert weights({}) == weights(changed())
