"""The paper's models: x' = act_out(W_out h + b) with h = act_h(W x). Each variant is a file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from jaxtyping import Float


@dataclass(frozen=True)
class Variant:
    """A model's form: `tied` means that W_out is W; activations are ReLU or the identity.

    The output is compared with the target, which is x, or |x| if it is absolute. Without `bias`, b is
    not trained and stays 0. Raises a ValueError for a field that is not True or False.
    """

    tied: bool
    relu_hidden: bool
    relu_output: bool
    absolute_target: bool
    bias: bool = True

    def __post_init__(self) -> None:
        for field in fields(self):
            if not isinstance(value := getattr(self, field.name), bool):
                raise ValueError(
                    f"Variant: {field.name}: {value!r}; give True or False: the engines know no other value"
                )


def forward(
    variant: Variant,
    W: Float[torch.Tensor, "*runs feature hidden"],
    W_out: Float[torch.Tensor, "*runs feature hidden"],
    b: Float[torch.Tensor, "*runs feature"],
    x: Float[torch.Tensor, "... sample feature"],
) -> Float[torch.Tensor, "... sample feature"]:
    """x' = act_out(W_out h + b) with h = act_h(W x); row i of W is feature i's direction.

    The axes before `sample` are broadcast with the axes of runs.
    """
    h = x @ W
    if variant.relu_hidden:
        h = h.relu()
    output = h @ W_out.transpose(-1, -2) + b[..., None, :]
    return output.relu() if variant.relu_output else output
