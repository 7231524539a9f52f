"""The paper's models: x' = act_out(W_out h + b) with h = act_h(W_in x). One file a variant."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """Which of the paper's models: `tied` means W_out = W_in^T; activations are relu or identity.

    `target` is what the output is compared with: x or |x|.
    """

    tied: bool
    relu_hidden: bool
    relu_output: bool
    absolute_target: bool
