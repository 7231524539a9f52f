"""The paper's models: x' = act_out(W_out h + b) with h = act_h(W_in x). One file a variant."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Variant:
    """Which of the paper's models: `tied` means W_out = W_in^T; activations are relu or identity.

    The target, with which the output is compared, is x, or |x| where it is absolute. Raises a
    ValueError for a field that is not True or False.
    """

    tied: bool
    relu_hidden: bool
    relu_output: bool
    absolute_target: bool

    def __post_init__(self) -> None:
        for field in fields(self):
            if not isinstance(value := getattr(self, field.name), bool):
                raise ValueError(
                    f"Variant: {field.name}: {value!r}; give True or False, the engines know no other"
                )


def forward(
    variant: Variant,
    W: "torch.Tensor",
    W_out: "torch.Tensor",
    b: "torch.Tensor",
    x: "torch.Tensor",
) -> "torch.Tensor":
    """x' [..., sample, feature] = act_out(W_out h + b) with h = act_h(W x), from x alike.

    W, W_out [..., feature, hidden]: row i is feature i's direction; b [..., feature].
    """
    h = x @ W
    if variant.relu_hidden:
        h = h.relu()
    output = h @ W_out.transpose(-1, -2) + b[..., None, :]
    return output.relu() if variant.relu_output else output
