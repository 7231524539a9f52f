"""The toy models that methods of parameter decomposition are tested on, trained, checked and cached.

They are those of Stochastic Parameter Decomposition (Bushnaq, Braun and Sharkey 2025): 5 features in 2
dimensions and 40 in 10, density 0.05, importance 1, tied weights, with or without a fixed identity
layer. Its code trains for 10,000 steps of AdamW, lr 0.005 and torch's weight decay of 0.01, on batches
of 1,024 or 8,192 (spd/experiments/tms/train_tms.py of github.com/goodfire-ai/spd at commit 3f0bb61).

DEVIATION: Here Adam has no weight decay and the rate falls to 0, so that training ends at a minimum of
the loss itself; batches are of 1,024. The loss is summed over features there and here up to a factor,
which Adam does not see.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import JsonValue

from superpos import lookup, rebuild
from superpos.api.experiment import experiment_config
from superpos.api.model_files import load_models, save_models
from superpos.api.models import Models
from superpos.api.one_condition import train
from superpos.config.condition import Condition
from superpos.metrics.array_likes import plain
from superpos.numerics import folders
from superpos.numerics.digest import digest
from superpos.training import engines

if TYPE_CHECKING:
    from jaxtyping import Float

    from superpos.api.layered_model import LayeredModel

COMMON: dict[str, JsonValue] = {
    **{"density": 0.05, "batch": 1024, "schedule": "cosine", "engine": "fused"},
    **{"optimizer": {"name": "adam", "lr": 0.005, "weight_decay": 0.0}},
    "evaluation": {"strata": 1000},
}
PENTAGON_NORM, PENTAGON_BIAS = 1.134619, -0.246326
"""The norm and the bias of the pentagon with the smallest loss at density 0.05, by `theory.exact_loss`."""
CLOSE = 0.01
"""How near the norms and biases of five features must be to those of that pentagon."""
DEGREES = 0.5
"""How near to 72 degrees the angles between neighbours must be."""
NORMS_OF_FORTY, BIASES_OF_FORTY = (1.1, 1.15), (-0.36, -0.31)


@dataclass(frozen=True)
class TargetKind:
    """The settings of a target, and the function that describes a run or raises a ValueError."""

    settings: Mapping[str, JsonValue]
    check: Callable[[np.ndarray, np.ndarray], str]


@dataclass(frozen=True, repr=False)
class Target:
    """A trained target. `models` has all runs that were trained; W and b are those of the best one.

    certificate: what was checked. identity_layers: how many fixed identity matrices `to_torch` puts
    between the two layers. They do not change the function, so nothing is trained with them.
    """

    name: str
    models: Models
    identity_layers: int
    certificate: str

    @property
    def W(self) -> Float[np.ndarray, "feature hidden"]:
        """W of the best run."""
        weights: np.ndarray = self.models.W[self.models.best()]
        return weights

    @property
    def b(self) -> Float[np.ndarray, " feature"]:
        """b of the best run."""
        bias: np.ndarray = self.models.b[self.models.best()]
        return bias

    def to_torch(self) -> LayeredModel:
        """The target as torch layers, as `Models.to_torch` gives them."""
        return self.models.to_torch(identity_layers=self.identity_layers)

    def __repr__(self) -> str:
        return f"Target {self.name}: {self.certificate}"


def targets(name: str, *, seed: int = 0, cache: str | os.PathLike[str] | None = None) -> Target:
    """A target by name: tms_5_2, tms_40_10, tms_5_2_id or tms_40_10_id.

    It is trained once, in seconds, and then read from `cache`, a folder, which is the user's cache
    folder if it is not given. A file there is used only for the same settings, seed and code. Other
    seeds give other targets. Raises a ValueError if the name is unknown or the trained model fails its
    check.
    """
    lookup.refuse_unknown("target", name, [*KINDS, *(f"{kind}_id" for kind in KINDS)])
    kind, seed = KINDS[name.removesuffix("_id")], plain(seed)
    models = _cached(kind, seed, _folder() if cache is None else Path(cache))
    best = models.best()
    try:
        certificate = kind.check(models.W[best].astype(float), models.b[best].astype(float))
    except ValueError as error:
        raise ValueError(f"{name} with seed {seed}: {error}; give another seed") from None
    return Target(name, models, int(name.endswith("_id")), certificate)


def _cached(kind: TargetKind, seed: int, folder: Path) -> Models:
    """Load the models that were trained with these settings and this code, or train and store them."""
    config = experiment_config(None, kind.settings, seed)
    (experiment,) = config.experiments.values()
    (condition,) = experiment.conditions.values()
    path = folder / f"target-{_key(condition, experiment.settings.replicates, seed)}.safetensors"
    try:
        if path.exists():
            return load_models(path)
    except ValueError:
        pass  # A damaged file is replaced.
    models = train(**kind.settings, seed=seed)
    save_models(models, path)
    return models


def _key(condition: Condition, replicates: int, seed: int) -> str:
    """A digest of everything that decides the models: settings, seed and code."""
    modules = engines.modules_by_way("fused", [condition])
    apart = engines.COUNT_BY_OUTCOME
    code = {way: rebuild.code(*names, apart_from=apart) for way, names in modules.items()}
    return digest([condition.canonical(), replicates, seed, code, rebuild.code(__name__)])


def _folder() -> Path:
    """The user's cache folder, or a private temporary one if it is not writable."""
    place = folders.cache() / "superpos"
    return place if folders.takes_files(place) else folders.temporary("superpos")


def check_five(W: Float[np.ndarray, "feature hidden"], b: Float[np.ndarray, " feature"]) -> str:
    """Describe a pentagon; raises a ValueError unless it is the optimum within CLOSE and DEGREES."""
    angles = np.degrees(np.sort(np.arctan2(W[:, 1], W[:, 0])))
    turn = float(np.abs(np.diff(angles, append=angles[0] + 360) - 72).max())
    norm = float(np.abs(np.linalg.norm(W, axis=1) - PENTAGON_NORM).max())
    bias = float(np.abs(b - PENTAGON_BIAS).max())
    found = (
        f"neighbours at 72 degrees within {turn:.2g}, norms at the optimum {PENTAGON_NORM:.4f} within"
        f" {norm:.1g}, biases at {PENTAGON_BIAS:.4f} within {bias:.1g}"
    )
    if not (turn < DEGREES and norm < CLOSE and bias < CLOSE):
        raise ValueError(f"{found}; the limits are {DEGREES} degrees and {CLOSE}")
    return found


def check_forty(W: Float[np.ndarray, "feature hidden"], b: Float[np.ndarray, " feature"]) -> str:
    """Describe forty features; raises a ValueError unless the norms, and the biases, are nearly equal."""
    norms = np.linalg.norm(W, axis=1)
    found = (
        f"all {len(W)} features represented, norms {norms.min():.3f} to {norms.max():.3f}, biases"
        f" {b.min():.3f} to {b.max():.3f}"
    )
    for values, (low, high) in ((norms, NORMS_OF_FORTY), (b, BIASES_OF_FORTY)):
        if not (low < values.min() and values.max() < high):
            raise ValueError(
                f"norms {norms.min():.3f} to {norms.max():.3f}, biases {b.min():.3f} to {b.max():.3f};"
                f" the limits are {NORMS_OF_FORTY} and {BIASES_OF_FORTY}"
            )
    return found


FIVE = {**COMMON, "n_features": 5, "n_hidden": 2, "steps": 10_000, "replicates": 4}
FORTY = {**COMMON, "n_features": 40, "n_hidden": 10, "steps": 6_000, "replicates": 2}
KINDS = {"tms_5_2": TargetKind(FIVE, check_five), "tms_40_10": TargetKind(FORTY, check_forty)}
"""The targets without identity layers, by name."""
