"""Trained runs of one condition, as arrays."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.config.condition import Condition

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from superpos.api.layered_model import LayeredModel
    from superpos.api.toy_model import ToyModel


def plural(number: int, what: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@dataclass(frozen=True)
class Checkpoints:
    """The weights after some `steps` of the training. W_out is None if the model is tied."""

    steps: Int[np.ndarray, " checkpoint"]
    W: Float[np.ndarray, "run checkpoint feature hidden"]
    W_out: Float[np.ndarray, "run checkpoint feature hidden"] | None
    b: Float[np.ndarray, "run checkpoint feature"]

    def __repr__(self) -> str:
        return f"{plural(len(self.steps), 'checkpoint')}, steps {self.steps[0]} to {self.steps[-1]}"


@dataclass(frozen=True)
class Models:
    """Trained runs of one condition.

    W_out is None if the model is tied. `loss` is the held-out loss, and `history` holds minibatch
    losses at the steps `history_steps`. Both are summed over features and averaged over samples, and
    are NaN once a run has diverged. `selection_loss` is the loss by which the best run is chosen; it is
    NaN for the runs that `best_of` excludes from this choice.
    `checkpoints` is None if none were kept.
    """

    condition: Condition
    engine: str
    W: Float[np.ndarray, "run feature hidden"]
    W_out: Float[np.ndarray, "run feature hidden"] | None
    b: Float[np.ndarray, "run feature"]
    loss: Float[np.ndarray, " run"]
    selection_loss: Float[np.ndarray, " run"]
    history: Float[np.ndarray, "run record"]
    history_steps: Int[np.ndarray, " record"]
    checkpoints: Checkpoints | None = None

    def best(self) -> int:
        """The run with the lowest selection loss; raises a ValueError if all runs that could be the best
        diverged."""
        if np.isnan(self.selection_loss).all():
            which = (
                "the runs that best_of allows"
                if np.isfinite(self.loss).any()
                else f"{len(self.loss)} runs"
            )
            raise ValueError(f"all {which} diverged, so none is best; lower the learning rate")
        return int(np.nanargmin(self.selection_loss))

    def model(self, run: int | None = None) -> ToyModel:
        """Run `run`, or the best run, as a torch module."""
        from superpos.api.toy_model import ToyModel

        run = self._run(run)
        W_out = None if self.W_out is None else self.W_out[run]
        return ToyModel(self.condition.model, self.W[run], self.b[run], W_out)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all runs to a safetensors file, which `superpos.load` and `ToyModel.load` read."""
        from superpos.api.model_files import save_models

        save_models(self, Path(path))

    def to_torch(self, run: int | None = None, identity_layers: int = 0) -> LayeredModel:
        """Run `run`, or the best run, as torch layers with the names that decomposition code expects.

        `identity_layers` fixed identity matrices stand between its two layers; they change no output.
        """
        from superpos.api.layered_model import LayeredModel

        return LayeredModel(self.model(run), identity_layers)

    def _run(self, run: int | None) -> int:
        """The number of a run, or of the best run; raises a ValueError if there is no such run."""
        if run is None:
            return self.best()
        if not (isinstance(run, int | np.integer) and 0 <= run < len(self.W)):
            raise ValueError(f"run {run!r}: there are only runs 0 to {len(self.W) - 1}")
        return run

    def __repr__(self) -> str:
        c, runs = self.condition, len(self.W)
        density = np.unique(c.densities())
        p = f"{density[0]:g}" if len(density) == 1 else f"{density[0]:g} to {density[-1]:g}"
        lost = int(np.isnan(self.loss).sum())
        end = f"; {lost} diverged" if lost else ""
        if np.isfinite(self.selection_loss).any():
            end = f"; the best, run {self.best()}, has held-out loss {self.loss[self.best()]:.4g}{end}"
        return (
            f"Models: {plural(runs, 'run')} of {plural(c.n_features, 'feature')} in"
            f" {plural(c.n_hidden, 'dimension')}, {c.model}, density {p}, trained by {self.engine}{end}"
        )

    def _repr_html_(self) -> str:
        """The same as HTML for a notebook, followed by a row for each run."""
        norms = np.linalg.norm(self.W, axis=2)
        rows = {"loss": self.loss, "smallest norm": norms.min(1), "largest norm": norms.max(1)}
        table = pd.DataFrame(rows).rename_axis("run")
        return f"<p>{html.escape(repr(self))}</p>{table.to_html(max_rows=10)}"
