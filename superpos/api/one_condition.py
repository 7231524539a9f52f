"""The library's face for a notebook: train runs of one condition, get arrays back."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import ValidationError

from superpos import lookup
from superpos.config import memory
from superpos.config.condition import Condition
from superpos.config.specification import Specification
from superpos.config.sweep import Sweep
from superpos.data.held_out import draw_samples
from superpos.metrics.given import taking_any
from superpos.metrics.losses import feature_losses
from superpos.numerics.digest import digest64
from superpos.numerics.divergence import told
from superpos.training import block as training

if TYPE_CHECKING:
    from superpos.api.toy_model import ToyModel

OPTIMIZER = {"name": "adamw", "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}
"""The config's default optimizer, but for lr, which `train` takes by itself."""


@dataclass(frozen=True)
class Models:
    """Trained runs. W, W_out [run, feature, hidden]; b [run, feature]; loss [run], held-out.

    W_out is None where the model is tied. `history` [run, record] holds minibatch losses at
    `history_steps`; both kinds of loss are summed over features and averaged over samples, and are
    NaN once a run has diverged.
    """

    condition: Condition
    engine: str
    W: np.ndarray
    W_out: np.ndarray | None
    b: np.ndarray
    loss: np.ndarray
    history: np.ndarray
    history_steps: np.ndarray

    def best(self) -> int:
        """The run of lowest held-out loss; raises a ValueError if all runs diverged."""
        if np.isnan(self.loss).all():
            raise ValueError(f"all {len(self.loss)} runs diverged, none is best: lower lr")
        return int(np.nanargmin(self.loss))

    def model(self, run: int) -> "ToyModel":
        """Run `run` as a torch module."""
        import torch

        from superpos.api.toy_model import ToyModel

        if not 0 <= run < len(self.W):
            raise ValueError(f"run {run}: there are runs 0 to {len(self.W) - 1}")
        W_out = None if self.W_out is None else torch.tensor(self.W_out[run])
        tensors = torch.tensor(self.W[run]), torch.tensor(self.b[run])
        return ToyModel(self.condition.model, *tensors, W_out)


@taking_any
def train(
    n_features: int,
    n_hidden: int,
    density: float | Sequence[float] | Mapping[str, float] = 1.0,
    importance: float | Sequence[float] | Mapping[str, float] = 1.0,
    replicates: int = 8,
    steps: int = 10_000,
    batch: int = 1024,
    lr: float = 1e-3,
    seed: int = 0,
    model: str = "relu_output",
    data: str | Mapping[str, Any] = "independent",
    optimizer: str | Mapping[str, Any] = "adamw",
    init: str | Mapping[str, Any] = "xavier",
    schedule: str = "constant",
    gradient: str = "minibatch",
    engine: Literal["fused", "reference"] = "fused",
    evaluation_samples: int = 100_000,
    losses: int = 100,
    threads: int = 2,
) -> Models:
    """Train `replicates` runs of one condition and evaluate them on held-out samples.

    density = 1 - S and importance take a number, one number a feature (a list, tuple, or array of any
    library), or the config's short forms.
    model, data, optimizer, init, schedule and gradient are the config's keys with the config's defaults; a
    mapping gives their parameters, e.g. data={"name": "correlated", "sets": 2}. The run's numbers
    depend on seed, condition and replicate alone: like values in the config give the same weights.

    Raises a ValueError that names the argument, its value and what is accepted.
    """
    counts = {"replicates": replicates, "evaluation_samples": evaluation_samples}
    for name, count in (counts | {"losses": losses, "threads": threads}).items():
        if type(count) is not int or count < 1:
            raise ValueError(f"{name}: {count!r}; give a whole number of 1 or more")
    if type(seed) is not int or seed < 0:
        raise ValueError(f"seed: {seed!r}; give a whole number of 0 or more")
    lookup.refuse_unknown("engine", engine, ["fused", "reference"])
    plain: dict[str, Any] = {
        **{"n_features": n_features, "n_hidden": n_hidden, "model": model},
        **{"density": density, "importance": importance, "schedule": schedule},
        **{"gradient": gradient},
        **{"steps": steps, "batch": batch, "data": _named(data), "init": _named(init)},
        "optimizer": _optimizer(lr, _named(optimizer)),
    }
    condition = _condition(plain)
    memory.check([condition], memory.Kept(replicates, 0, evaluation_samples, 0))
    specification = Specification(
        seed=seed,
        sweep=Sweep.of(plain, {}),
        replicates=(0, replicates),
        engine=engine,
        losses=losses,
    )
    sets = {}
    if condition.data.training_samples is not None:
        sets = {condition.distribution(seed): training.training_set(condition, seed)}
    block = training.train_block(specification, {}, (), sets, threads)
    if line := told(block.diverged()):
        warnings.warn(f"{line}: their loss is NaN; lower lr", stacklevel=3)
    return _evaluated(condition, seed, evaluation_samples, block)


def _evaluated(condition: Condition, seed: int, samples: int, block: training.Block) -> Models:
    arrays = block.arrays
    key = digest64({"held out": condition.distribution(seed)})
    losses = feature_losses(
        lookup.load("model", condition.model).VARIANT,
        arrays["W"],
        arrays.get("W_out"),
        arrays["b"],
        np.broadcast_to(condition.importances(), arrays["b"].shape),
        draw_samples(condition, key, 0, samples, 0),
    )
    return Models(
        condition,
        block.notes["engines"][0],
        arrays["W"],
        arrays.get("W_out"),
        arrays["b"],
        np.add.accumulate(losses, axis=1)[:, -1],
        arrays["loss"],
        arrays["loss_steps"],
    )


def _condition(plain: Mapping[str, Any]) -> Condition:
    try:
        return Condition.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "value_error":
            raise ValueError(str(first["ctx"]["error"])) from None
        raise ValueError(f"{name}: {first['input']!r}: {first['msg'].lower()}") from None


def _optimizer(lr: float, given: Mapping[str, Any]) -> dict[str, Any]:
    """The default optimizer with the keys that are given; Adam has no decay unless one is given."""
    decay = {"weight_decay": 0.0} if given.get("name") == "adam" else {}
    return {**OPTIMIZER, "lr": lr, **decay, **given}


def _named(form: Any) -> dict[str, Any]:
    return dict(form) if isinstance(form, Mapping) else {"name": form}
