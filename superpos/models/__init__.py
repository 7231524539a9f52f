"""The paper's models: x' = act_out(W_out h + b) with h = act_h(W_in x). One file a variant."""

from dataclasses import dataclass, fields


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
