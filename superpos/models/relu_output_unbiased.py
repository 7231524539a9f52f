"""The ReLU output model without a bias: x' = ReLU(W^T W x)."""

from superpos.models import Variant

VARIANT = Variant(tied=True, relu_hidden=False, relu_output=True, absolute_target=False, bias=False)
