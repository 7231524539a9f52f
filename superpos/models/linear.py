"""The linear model: x' = W^T W x + b."""

from superpos.models import Variant

VARIANT = Variant(tied=True, relu_hidden=False, relu_output=False, absolute_target=False)
