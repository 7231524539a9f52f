"""Levels of a run as it learns (section "Superposition and Learning Dynamics", "energy level" jumps).

A level is a number of features with dimensionality 1/2.

ASSUME: the paper states neither size nor density; 100 features in 20 dimensions at density 0.3 give the
figure's number of lines. At density 0.304 the losses in closed form with 19 and with 20 pairs are the
figure's, 0.05354 and 0.0531, to its reading error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.papers.toy_models.dynamics import replicates
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

NEAR = 0.02
"""A dimensionality counts as a value if it is this close to it."""
SETTLED = 5000
"""Steps after which runs count as settled; a jump that starts later is late."""
LONGEST = 0.2
"""Decades of steps that a jump may take."""


@dataclass(frozen=True)
class Course:
    """A run at its checkpoints; D are dimensionalities, and the loss is summed over features."""

    replicate: int
    step: Int[np.ndarray, " checkpoint"]
    loss: Float[np.ndarray, " checkpoint"]
    D: Float[np.ndarray, "checkpoint feature"]

    @property
    def half(self) -> Bool[np.ndarray, "checkpoint feature"]:
        """Which features have a dimensionality of 1/2."""
        return np.asarray(abs(self.D - 0.5) < NEAR)

    @property
    def halves(self) -> Int[np.ndarray, " checkpoint"]:
        """How many features have a dimensionality of 1/2."""
        return np.asarray(self.half.sum(1))


def courses(tables: Tables) -> list[Course]:
    """The courses of all runs of an experiment with a single condition, by replicate."""
    return [_course(k, rows) for k, rows in replicates.checkpoints(tables)]


def _course(replicate: int, rows: pd.DataFrame) -> Course:
    steps = np.sort(rows["step"].unique())
    D = rows["dimensionality"].to_numpy(float).reshape(len(steps), -1)
    return Course(replicate, steps, rows["loss"].to_numpy(float)[:: D.shape[1]], D)
