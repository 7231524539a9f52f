"""The ReLU hidden model, with a privileged basis: h = ReLU(W x), x' = ReLU(W^T h + b)."""

from superpos.models import Variant

VARIANT = Variant(tied=True, relu_hidden=True, relu_output=True, absolute_target=False)
