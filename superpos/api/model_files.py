"""Models in a safetensors file, with their condition."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError

from superpos.api.models import Checkpoints, Models
from superpos.config.condition import Condition
from superpos.storage import provenance, store
from superpos.storage.array_files import StoredArrays

KIND = "models of one condition"
"""The kind of file, as its notes state it."""
ARRAYS = ("W", "W_out", "b", "loss", "selection_loss", "history", "history_steps")


def save_models(models: Models, path: Path) -> None:
    """Write all runs; the file's notes hold the condition, the engine and the package versions."""
    if path.suffix != ".safetensors":
        raise ValueError(
            f"{path}: the file is in safetensors format; give a name that ends in .safetensors"
        )
    arrays = {name: getattr(models, name) for name in ARRAYS}
    if models.checkpoints is not None:
        arrays |= {f"checkpoint_{n}": a for n, a in vars(models.checkpoints).items()}
    condition = models.condition.model_dump(mode="json")
    about = {"kind": KIND, "condition": condition, "engine": models.engine}
    kept = {name: array for name, array in arrays.items() if array is not None}
    store.save_arrays(path, kept, provenance.notes("", condition, about=about))


def load_models(path: Path) -> Models:
    """Read models; raises a ValueError in one line if the file is damaged or holds something else."""
    try:
        arrays, about = store.load_arrays(path, _check)
    except store.DamagedFile as damage:
        raise ValueError(f"{path}: {damage.reason}") from None
    along = {
        n.removeprefix("checkpoint_"): a for n, a in arrays.items() if n.startswith("checkpoint_")
    }
    return Models(
        Condition.model_validate(about["condition"]),
        str(about["engine"]),
        **{name: arrays.get(name) for name in ARRAYS},  # type: ignore[arg-type]
        checkpoints=_checkpoints(along) if along else None,
    )


class ShownModel(BaseModel):
    """One model as the report's explorer saves it; of a model with many features, those with the longest
    vectors. W_out is None if the model is tied."""

    model: str
    W: list[list[float]]
    W_out: list[list[float]] | None = None
    b: list[float]


def load_shown(path: Path) -> ShownModel:
    """Read what the explorer saved; raises a ValueError in one line if the file holds something else."""
    try:
        return ShownModel.model_validate_json(store.load_text(path))
    except store.DamagedFile as damage:
        raise ValueError(f"{path}: {damage.reason}") from None
    except ValidationError:
        raise ValueError(f"{path}: it holds no model that the report's explorer saved") from None


def _checkpoints(along: Mapping[str, np.ndarray]) -> Checkpoints:
    return Checkpoints(along["steps"], along["W"], along.get("W_out"), along["b"])


def _check(read: StoredArrays) -> None:
    """Raise a ValueError unless the arrays are the models of the condition in the notes."""
    arrays, about = read
    if about.get("kind") != KIND:
        raise ValueError("it holds no models that `Models.save` wrote")
    try:
        condition = Condition.model_validate(about["condition"])
    except ValidationError:
        raise ValueError("its condition is not one that this version knows") from None
    runs, shape = len(arrays.get("W", ())), (condition.n_features, condition.n_hidden)
    wanted: dict[str, tuple[int, ...]] = {"W": (runs, *shape), "b": (runs, shape[0])}
    wanted |= {"loss": (runs,), "selection_loss": (runs,)}
    for name, size in wanted.items():
        found = np.shape(arrays.get(name, ()))
        if found != size:
            raise ValueError(f"its array {name} has shape {found}, but its condition needs {size}")
