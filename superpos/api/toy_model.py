"""A toy model as a torch module (section "Demonstrating Superposition")."""

import os
from pathlib import Path
from typing import Any, TypeAlias

from superpos import lookup
from superpos.api.model_files import load_models, load_shown
from superpos.metrics import array_likes
from superpos.models import Variant, forward

with lookup.extra("torch"):
    import torch

ArrayLike: TypeAlias = Any
"""An array of torch, numpy or another library, or nested lists of numbers."""


class ToyModel(torch.nn.Module):
    """One trained model: W [feature, hidden], b [feature], and W_out [feature, hidden] if it is untied."""

    def __init__(
        self, model: str, W: ArrayLike, b: ArrayLike, W_out: ArrayLike | None = None
    ) -> None:
        super().__init__()
        W = _tensor("W", W)
        W = W if W.is_floating_point() else W.to(torch.get_default_dtype())
        b = _tensor("b", b).to(W.dtype)
        W_out = None if W_out is None else _tensor("W_out", W_out).to(W.dtype)
        if W.ndim != 2:
            raise ValueError(
                f"W has shape {tuple(W.shape)}; give the W [feature, hidden] of one model"
            )
        for name, found, shape in (("b", b, W.shape[:1]), ("W_out", W_out, W.shape)):
            if found is not None and found.shape != shape:
                raise ValueError(
                    f"{name} has shape {tuple(found.shape)}, but W has {len(W)} features in"
                    f" {W.shape[1]} dimensions; give {name} with shape {tuple(shape)}"
                )
        self.model = model
        self.variant: Variant = lookup.load("model", model).VARIANT
        if self.variant.tied != (W_out is None):
            needs = (
                "takes no W_out; leave it out" if self.variant.tied else "needs a W_out; give it"
            )
            raise ValueError(f"model {model!r} {needs}")
        self.W = torch.nn.Parameter(W.clone())
        self.b = torch.nn.Parameter(b.clone(), requires_grad=self.variant.bias)
        self.W_out = None if W_out is None else torch.nn.Parameter(W_out.clone())

    def extra_repr(self) -> str:
        """The model's name and sizes, which torch shows in the module's representation."""
        return f"{self.model!r}, n_features={len(self.W)}, n_hidden={self.W.shape[1]}"

    @classmethod
    def load(cls, path: str | os.PathLike[str], run: int | None = None) -> "ToyModel":
        """Run `run`, or the best run, of a file that `Models.save` wrote; or the one model of a file in JSON
        format that the report's explorer saved.

        Raises a ValueError in one line if the file is damaged or holds something else.
        """
        place = Path(path)
        if place.suffix != ".json":
            return load_models(place).model(run)
        if run is not None:
            raise ValueError(f"{place}: it holds a single model; leave out run={run}")
        shown = load_shown(place)
        return cls(shown.model, shown.W, shown.b, shown.W_out)

    def forward(self, x: ArrayLike) -> torch.Tensor:
        """x' [sample, feature] from x [sample, feature], an array of any library; of a single sample x
        [feature], x' [feature]."""
        x = x if isinstance(x, torch.Tensor) else _tensor("x", x)
        if x.shape[-1:] != self.b.shape:
            raise ValueError(
                f"x has shape {tuple(x.shape)}, but the model has {len(self.b)} features; give x"
                " [sample, feature]"
            )
        x = x.to(self.W.dtype)
        W_out = self.W if self.W_out is None else self.W_out
        answers = forward(self.variant, self.W, W_out, self.b, x[None] if x.ndim == 1 else x)
        return answers[0] if x.ndim == 1 else answers


def _tensor(name: str, value: ArrayLike) -> torch.Tensor:
    """A tensor as it is, or another library's array in torch's default precision."""
    if isinstance(value, torch.Tensor):
        if value.is_complex() or value.dtype == torch.bool:
            raise ValueError(f"{name}: an array of {value.dtype}; give real numbers")
        return value.detach()
    return torch.tensor(array_likes.real_array(name, value), dtype=torch.get_default_dtype())
