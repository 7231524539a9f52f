"""The ReLU output model: x' = ReLU(W^T W x + b)."""

from superpos.models import Variant

VARIANT = Variant(tied=True, relu_hidden=False, relu_output=True, absolute_target=False)
