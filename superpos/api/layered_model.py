"""A toy model as torch layers, with the names of the targets of parameter decomposition.

These are the names in the state dict of the class TMSModel, in spd/experiments/tms/models.py of
github.com/goodfire-ai/spd at commit 3f0bb61: `linear1.weight` [hidden, feature], `linear2.weight`
[feature, hidden], `linear2.bias` [feature] and, with k layers between them, `hidden_layers.0.weight`
[hidden, hidden] to `hidden_layers.{k-1}.weight`.
"""

from superpos import lookup
from superpos.api.toy_model import ToyModel
from superpos.metrics.array_likes import plain

with lookup.extra("torch"):
    import torch


class LayeredModel(torch.nn.Module):
    """x' = act_out(linear2(... act_h(linear1(x)))), the same function as that of a `ToyModel`.

    The two weights of a tied model share memory, as those of TMSModel do. `identity_layers` fixed
    identity matrices follow linear1; they are not trained and change no output.
    """

    def __init__(self, model: ToyModel, identity_layers: int = 0) -> None:
        super().__init__()
        identity_layers = plain(identity_layers)
        if type(identity_layers) is not int or identity_layers < 0:
            raise ValueError(
                f"identity_layers: {identity_layers!r}; give a whole number of 0 or more"
            )
        self.variant = model.variant
        W = model.W.detach().clone()
        n_features, n_hidden = W.shape
        self.linear1 = torch.nn.Linear(n_features, n_hidden, bias=False)
        self.linear2 = torch.nn.Linear(n_hidden, n_features)
        self.linear1.weight.data = W.T
        self.linear2.weight.data = W if model.W_out is None else model.W_out.detach().clone()
        self.linear2.bias.data = model.b.detach().clone()
        self.linear2.bias.requires_grad_(self.variant.bias)
        self.hidden_layers = None
        if identity_layers:
            self.hidden_layers = torch.nn.ModuleList(
                _identity(n_hidden, W.dtype) for _ in range(identity_layers)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x' [sample, feature] from x [sample, feature]."""
        h = self.linear1(x)
        for layer in self.hidden_layers or ():
            h = layer(h)
        output: torch.Tensor = self.linear2(h.relu() if self.variant.relu_hidden else h)
        return output.relu() if self.variant.relu_output else output


def _identity(size: int, dtype: torch.dtype) -> torch.nn.Linear:
    layer = torch.nn.Linear(size, size, bias=False)
    layer.weight = torch.nn.Parameter(torch.eye(size, dtype=dtype), requires_grad=False)
    return layer
