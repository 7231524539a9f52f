"""The absolute value model: h = ReLU(W_1 x), y' = ReLU(W_2 h + b), target |x|, untied."""

from superpos.models import Variant

VARIANT = Variant(tied=False, relu_hidden=True, relu_output=True, absolute_target=True)
