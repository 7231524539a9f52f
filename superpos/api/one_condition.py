"""Train runs of one condition and return them as arrays, for a notebook."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from pydantic import JsonValue, ValidationError

from superpos import lookup
from superpos.api.fallback import warn_of_fallback
from superpos.api.held_out_losses import losses_for
from superpos.config import memory, shipped
from superpos.config.condition import Condition
from superpos.config.messages import mapping
from superpos.config.specification import Engine, Specification
from superpos.config.sweep import Sweep
from superpos.data.finite_set import training_set
from superpos.data.held_out import draw_samples
from superpos.metrics.array_likes import taking_array_likes
from superpos.numerics.digest import digest64
from superpos.numerics.divergence import describe_diverged
from superpos.training import block as training

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from superpos.api.toy_model import ToyModel


@dataclass(frozen=True)
class Models:
    """Trained runs.

    W_out is None if the model is tied. `loss` is the held-out loss, and `history` holds minibatch
    losses at the steps `history_steps`. Both are summed over features and averaged over samples, and
    are NaN once a run has diverged.
    """

    condition: Condition
    engine: str
    W: Float[np.ndarray, "run feature hidden"]
    W_out: Float[np.ndarray, "run feature hidden"] | None
    b: Float[np.ndarray, "run feature"]
    loss: Float[np.ndarray, " run"]
    history: Float[np.ndarray, "run record"]
    history_steps: Int[np.ndarray, " record"]

    def best(self) -> int:
        """The run with the lowest held-out loss; raises a ValueError if all runs diverged."""
        if np.isnan(self.loss).all():
            raise ValueError(f"all {len(self.loss)} runs diverged, so none is best; lower lr")
        return int(np.nanargmin(self.loss))

    def model(self, run: int) -> ToyModel:
        """Run `run` as a torch module."""
        import torch

        from superpos.api.toy_model import ToyModel

        if not 0 <= run < len(self.W):
            raise ValueError(f"run {run}: there are only runs 0 to {len(self.W) - 1}")
        W_out = None if self.W_out is None else torch.tensor(self.W_out[run])
        tensors = torch.tensor(self.W[run]), torch.tensor(self.b[run])
        return ToyModel(self.condition.model, *tensors, W_out)


@taking_array_likes
def train(
    n_features: int,
    n_hidden: int,
    density: float | Sequence[float] | Mapping[str, float] | None = None,
    importance: float | Sequence[float] | Mapping[str, float] | None = None,
    replicates: int | None = None,
    steps: int | None = None,
    batch: int | Literal["all"] | None = None,
    lr: float | None = None,
    seed: int | None = None,
    model: str | None = None,
    data: str | Mapping[str, JsonValue] | None = None,
    optimizer: str | Mapping[str, JsonValue] | None = None,
    init: str | Mapping[str, JsonValue] | None = None,
    schedule: str | None = None,
    gradient: str | None = None,
    engine: Engine | None = None,
    evaluation_samples: int | None = None,
    losses: int | None = None,
    threads: int = 2,
) -> Models:
    """Train `replicates` runs of one condition and evaluate them on held-out samples.

    The arguments are the keys of config.yaml. An argument that is None takes its default from
    config.yaml, and so does the seed. `density` is 1 - S. `density` and `importance` take a number,
    one number per feature (a list, tuple, or array of any library), or the short forms of the
    config. `data`, `optimizer` and `init` take a name, or a mapping with parameters, such as
    data={"name": "correlated", "sets": 2}. `evaluation_samples` is the number of held-out samples.

    The results of a run depend only on seed, condition and replicate: the same values in the config
    give the same weights. Raises a ValueError that names the argument, its value and the fix.
    """
    defaults = shipped.top_level("defaults")
    evaluation = mapping(defaults["evaluation"], "evaluation")
    replicates = _count("replicates", replicates, defaults["replicates"])
    losses = _count("losses", losses, defaults["losses"])
    samples = _count("evaluation_samples", evaluation_samples, evaluation["samples"])
    threads = _count("threads", threads, None)
    seed = shipped.seed() if seed is None else seed
    if type(seed) is not int or seed < 0:
        raise ValueError(f"seed: {seed!r}; give a whole number of 0 or more")
    chosen = str(defaults["engine"]) if engine is None else engine
    lookup.refuse_unknown("engine", chosen, list(get_args(Engine)))
    given: dict[str, Any] = {
        **{"n_features": n_features, "n_hidden": n_hidden, "model": model},
        **{"density": density, "importance": importance, "schedule": schedule},
        **{"gradient": gradient, "steps": steps, "batch": batch},
        **{"data": _named(data), "init": _named(init)},
        "optimizer": _optimizer(mapping(defaults["optimizer"], "optimizer"), lr, optimizer),
    }
    common = {key: defaults.get(key) if value is None else value for key, value in given.items()}
    condition = _condition(common)
    specification = Specification.model_validate(
        {
            **{"seed": seed, "sweep": Sweep.of(common, {}), "replicates": (0, replicates)},
            **{"engine": chosen, "losses": losses},
        }
    )
    kept = memory.Kept(replicates, 0, samples, 0, specification.engine)
    memory.check_memory([condition], kept)
    finite = specification.sweep.sets(seed)
    sets = {name: training_set(drawn, seed) for name, drawn in finite.items()}
    warn_of_fallback(chosen, [condition], stacklevel=3)
    block = training.train_block(specification, {}, (), sets, threads)
    if line := describe_diverged(block.diverged()):
        warnings.warn(f"{line}: their loss is NaN; lower lr", stacklevel=3)
    return _evaluated(condition, seed, samples, block)


def _count(name: str, value: int | None, default: JsonValue) -> int:
    """The value of an argument, or its default; raises a ValueError unless it is 1 or more."""
    found = default if value is None else value
    if type(found) is not int or found < 1:
        raise ValueError(f"{name}: {found!r}; give a whole number of 1 or more")
    return found


def _evaluated(
    condition: Condition, seed: int, samples: int, block: training.TrainedBlock
) -> Models:
    arrays = block.arrays
    key = digest64({"held out": condition.law(seed)})
    losses = losses_for(block.names.engines[0])(
        lookup.load("model", condition.model).VARIANT,
        arrays["W"],
        arrays.get("W_out"),
        arrays["b"],
        np.broadcast_to(condition.importances(), arrays["b"].shape),
        draw_samples(condition, key, 0, samples, 0),
    )
    return Models(
        condition,
        block.names.engines[0],
        arrays["W"],
        arrays.get("W_out"),
        arrays["b"],
        np.add.accumulate(losses, axis=1)[:, -1],
        arrays["loss"],
        arrays["loss_steps"],
    )


def _condition(values: Mapping[str, JsonValue]) -> Condition:
    try:
        return Condition.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "value_error":
            raise ValueError(": ".join(filter(None, [name, str(first["ctx"]["error"])]))) from None
        raise ValueError(f"{name}: {first['input']!r}: {first['msg'].lower()}") from None


def _optimizer(
    default: dict[str, JsonValue], lr: float | None, form: str | Mapping[str, JsonValue] | None
) -> dict[str, JsonValue]:
    """The default optimizer with the keys that are given; Adam has no decay unless one is given."""
    given = _named(form) or {}
    decay: dict[str, JsonValue] = {"weight_decay": 0.0} if given.get("name") == "adam" else {}
    rate: dict[str, JsonValue] = {} if lr is None else {"lr": lr}
    return {**default, **rate, **decay, **given}


def _named(form: str | Mapping[str, JsonValue] | None) -> dict[str, JsonValue] | None:
    """The mapping that a name stands for, or the mapping itself."""
    if form is None:
        return None
    return dict(form) if isinstance(form, Mapping) else {"name": form}
