"""Late jumps between "energy levels" (section "Superposition and Learning Dynamics").

A level is a number of features with dimensionality 1/2. A run that has settled moves up by whole pairs.

ASSUME: the paper states neither size nor density; 100 features in 20 dimensions at density 0.3 give the
figure's number of lines and its losses.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.papers.toy_models.dynamics import replicates
from superpos.tables import Tables
from superpos.theory import variance

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

NEAR = 0.02
"""A dimensionality counts as a value if it is this close to it."""
SETTLED = 5000
"""Steps after which runs count as settled; a jump that starts later is late."""
HELD = 3
"""Consecutive checkpoints that make a level.

ASSUME: gradient noise moves a dimensionality out of its band for a checkpoint or two; three
checkpoints, of 40 in a decade, are a level.
"""
AVERAGED = 5
"""Checkpoints on either side of a jump over which its losses are medians."""
PEAK = (0.695, 0.735)
"""Dimensionality that a feature of the paper's figure reaches in the half decade before a jump.

PAPER: 0.715, read off the figure, to 0.02.
"""
LONGEST = 0.2
"""Decades of steps that a jump may take."""
OF_A_PAIR = 0.3
"""How far the loss drop of a late jump may be from what a pair saves, relative to that."""


@dataclass(frozen=True)
class Jump:
    """A change of level: the last step at the old level and the first at the new one.

    drop: how much the loss, summed over features, falls; peak: the largest dimensionality of any
    feature in the half decade before the jump.
    """

    start: int
    stop: int
    before: int
    after: int
    drop: float
    peak: float

    @property
    def decades(self) -> float:
        """log10 of stop over start."""
        return float(np.log10(self.stop / self.start))

    def late(self, pair: float) -> bool:
        """Whether it is quick, starts after runs have settled, adds one pair and saves what a pair saves."""
        rises = self.after - self.before == 2 and abs(self.drop / pair - 1) <= OF_A_PAIR
        return rises and self.start > SETTLED and self.decades < LONGEST


@dataclass(frozen=True)
class Course:
    """A run at its checkpoints; D are dimensionalities.

    pair: what a pair saves over one feature's worth, v - p² / 3.
    """

    replicate: int
    step: Int[np.ndarray, " checkpoint"]
    loss: Float[np.ndarray, " checkpoint"]
    D: Float[np.ndarray, "checkpoint feature"]
    pair: float

    @property
    def halves(self) -> Int[np.ndarray, " checkpoint"]:
        """How many features have a dimensionality of 1/2."""
        count: np.ndarray = (abs(self.D - 0.5) < NEAR).sum(1)
        return count

    def jumps(self) -> list[Jump]:
        """The changes between even levels that are held for a while."""
        halves = self.halves
        held = _held(halves) & (halves % 2 == 0)
        at = np.flatnonzero(held).tolist()
        moves = [(i, j) for i, j in pairwise(at) if halves[i] != halves[j]]
        return [self._jump(i, j, held) for i, j in moves]

    def late_jumps(self) -> list[Jump]:
        """The jumps that are late."""
        return [jump for jump in self.jumps() if jump.late(self.pair)]

    def peaks(self) -> bool:
        """Whether a feature rises to `PEAK` in the half decade before a late jump."""
        return any(PEAK[0] <= jump.peak <= PEAK[1] for jump in self.late_jumps())

    def _jump(self, i: int, j: int, held: np.ndarray) -> Jump:
        before = [k for k in range(i + 1) if held[k] and self.halves[k] == self.halves[i]]
        after = [k for k in range(j, len(held)) if held[k] and self.halves[k] == self.halves[j]]
        drop = np.median(self.loss[before[-AVERAGED:]]) - np.median(self.loss[after[:AVERAGED]])
        return Jump(
            int(self.step[i]), int(self.step[j]), int(self.halves[i]), int(self.halves[j]),
            float(drop), self._peak(i, j),
        )  # fmt: skip

    def _peak(self, i: int, j: int) -> float:
        near = (self.step >= self.step[j] / 10**0.5) & (self.step <= self.step[j])
        return float(self.D[near].max())


def courses(tables: Tables) -> list[Course]:
    """The courses of all runs of an experiment with a single condition, by replicate."""
    density = float(tables.runs["density"].iloc[0])
    pair = float(variance(density) - density**2 / 3)
    return [_course(k, rows, pair) for k, rows in replicates.checkpoints(tables)]


def shown(tables: Tables) -> Course:
    """The first replicate with a late jump that peaks. If none peaks, the first with a late jump; if
    none has one, the best by held-out loss."""
    every = courses(tables)
    best = replicates.best(tables)
    fallback = next(c for c in every if c.replicate == best)
    jumping = [c for c in every if c.late_jumps()]
    return next((c for c in jumping if c.peaks()), jumping[0] if jumping else fallback)


def _course(replicate: int, rows: pd.DataFrame, pair: float) -> Course:
    steps = np.sort(rows["step"].unique())
    D = rows["dimensionality"].to_numpy(float).reshape(len(steps), -1)
    return Course(replicate, steps, rows["loss"].to_numpy(float)[:: D.shape[1]], D, pair)


def _held(level: Int[np.ndarray, " checkpoint"]) -> Bool[np.ndarray, " checkpoint"]:
    """Whether a checkpoint is one of `HELD` or more consecutive ones at the same level."""
    edges = np.flatnonzero(np.diff(level)) + 1
    stretches = np.split(np.arange(len(level)), edges)
    held = np.zeros(len(level), bool)
    for stretch in stretches:
        held[stretch] = len(stretch) >= HELD
    return held
