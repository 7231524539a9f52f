"""A toy model as a torch module (section "Demonstrating Superposition")."""

import torch

from superpos import plugins
from superpos.models import Variant


def forward(
    variant: Variant,
    W: torch.Tensor,
    W_out: torch.Tensor,
    b: torch.Tensor,
    x: torch.Tensor,
) -> torch.Tensor:
    """x' [..., sample, feature] = act_out(W_out h + b) with h = act_h(W x), from x alike.

    W, W_out [..., feature, hidden]: row i is feature i's direction; b [..., feature].
    """
    h = x @ W
    if variant.relu_hidden:
        h = h.relu()
    output = h @ W_out.transpose(-1, -2) + b[..., None, :]
    return output.relu() if variant.relu_output else output


class ToyModel(torch.nn.Module):
    """One trained model: W [feature, hidden], b [feature], and W_out where the model is untied."""

    def __init__(
        self, model: str, W: torch.Tensor, b: torch.Tensor, W_out: torch.Tensor | None = None
    ) -> None:
        super().__init__()
        self.variant: Variant = plugins.load("model", model).VARIANT
        if self.variant.tied != (W_out is None):
            needs = "takes no" if self.variant.tied else "needs a"
            raise ValueError(f"model {model!r} {needs} W_out")
        self.W, self.b = torch.nn.Parameter(W.clone()), torch.nn.Parameter(b.clone())
        self.W_out = None if W_out is None else torch.nn.Parameter(W_out.clone())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x' [sample, feature] from x [sample, feature]."""
        W_out = self.W if self.W_out is None else self.W_out
        return forward(self.variant, self.W, W_out, self.b, x)
