"""The state of the reference engine during training, which a long job saves and restores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics.divergence import blanked, diverged
from superpos.training.records import Arrays, Trained
from superpos.training.start import stacked_weights

with lookup.extra("torch"):
    import torch

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, Shaped


class State:
    """Parameters W, W_out (unless tied) and b with a leading run axis, Adam's moments, and records.

    saved: what `arrays` returned after an earlier step; if it is empty, training starts from the initial
    weights.
    """

    def __init__(
        self, conditions: Sequence[Condition], keys: Sequence[np.uint64], saved: Mapping[str, np.ndarray]
    ) -> None:  # fmt: skip
        start = [a for a in stacked_weights(conditions, keys) if a is not None]
        self.parameters = [torch.nn.Parameter(to_tensor(a)) for a in start]
        self.adam = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.parameters]
        self._losses: list[np.ndarray] = []
        self._checkpoints: list[list[np.ndarray]] = []
        if saved:
            self._restore(saved)

    def arrays(self) -> Arrays:
        """Everything that training depends on after a step, by name."""
        arrays = {"losses": np.array(self._losses)}
        for i, (p, (mean, square)) in enumerate(zip(self.parameters, self.adam, strict=True)):
            arrays |= {f"p{i}": to_numpy(p), f"m{i}": to_numpy(mean), f"v{i}": to_numpy(square)}
            arrays[f"along{i}"] = np.array([weights[i] for weights in self._checkpoints])
        return arrays

    def _restore(self, saved: Mapping[str, np.ndarray]) -> None:
        with torch.no_grad():
            for i, (p, (mean, square)) in enumerate(zip(self.parameters, self.adam, strict=True)):
                for tensor, name in ((p, "p"), (mean, "m"), (square, "v")):
                    tensor.copy_(torch.from_numpy(saved[f"{name}{i}"]))
        along = [saved[f"along{i}"] for i in range(len(self.parameters))]
        self._losses = list(saved["losses"])
        self._checkpoints = [list(weights) for weights in zip(*along, strict=True)]

    def record_loss(self, loss: Float[torch.Tensor, " run"]) -> None:
        """Record the minibatch loss [run], NaN for the runs that have diverged."""
        self._losses.append(blanked(to_numpy(loss), diverged(*map(to_numpy, self.parameters))))

    def record_weights(self) -> None:
        """Record the parameters as a checkpoint."""
        self._checkpoints.append([to_numpy(p) for p in self.parameters])

    def trained(self, tied: bool) -> Trained:
        """The final parameters, and what was recorded."""
        final = [to_numpy(p) for p in self.parameters]
        along = [
            _records_of([weights[i] for weights in self._checkpoints], p.shape)
            for i, p in enumerate(final)
        ]
        W_out, checkpoint_W_out = (None, None) if tied else (final[1], along[1])
        losses = _records_of(self._losses, final[0].shape[:1])
        return Trained(final[0], W_out, final[-1], losses, along[0], checkpoint_W_out, along[-1])


def to_tensor(
    arrays: Sequence[Shaped[np.ndarray, "*axes"]] | Shaped[np.ndarray, " run *axes"],
) -> Shaped[torch.Tensor, " run *axes"]:
    """Stack the arrays, one for each run, and put them on the GPU if there is one."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.tensor(np.stack(list(arrays)), device=device)


def to_numpy(tensor: Shaped[torch.Tensor, "*axes"]) -> Shaped[np.ndarray, "*axes"]:
    """A copy that later steps do not change."""
    array: np.ndarray = tensor.detach().cpu().numpy()
    return array.copy()


def _records_of(
    records: list[np.ndarray], shape: tuple[int, ...]
) -> Float32[np.ndarray, "run record ..."]:
    """Records [run, ...] stacked as [run, record, ...]; float32 with no record if there is none."""
    if not records:
        return np.empty((shape[0], 0, *shape[1:]), np.float32)
    return np.stack(records, axis=1)
