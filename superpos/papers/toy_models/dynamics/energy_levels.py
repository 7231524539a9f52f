"""Late jumps between "energy levels" (section "Superposition and Learning Dynamics").

A level is a number of features of dimensionality 1/2; a run that settles moves up by whole pairs.

ASSUME: the paper states neither size nor density: 100 features in 20 dimensions at .3 have the
figure's number of lines and its losses.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from superpos.tables import Tables
from superpos.theory import variance

NEAR = 0.02
"""A dimensionality this near a value counts as it."""
SETTLED = 5000
"""Steps after which runs count as settled: a jump that starts later is late."""
HELD = 3
"""Checkpoints in a row that make a level.

ASSUME: gradient noise moves a dimensionality out of its band for a checkpoint or two; three of a
grid of 40 a decade are a level.
"""
AVERAGED = 5
"""Checkpoints on either side of a jump that its losses are medians of."""
PEAK = (0.695, 0.735)
"""Dimensionality that a feature of the paper's figure reaches in the half decade to a jump.

PAPER: .715, read off the figure, to .02.
"""
LONGEST = 0.2
"""Decades of steps that a jump may take."""
OF_A_PAIR = 0.3
"""How far, relative to it, the drop of a late jump's loss may be from what a pair saves."""


@dataclass(frozen=True)
class Jump:
    """A change of level: last step at the one, first step at the other.

    drop: of the loss, summed over features; peak: the greatest dimensionality of any feature in the
    half decade to the jump.
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
        """One pair more, after the runs have settled, at once, saving what a pair saves."""
        rises = self.after - self.before == 2 and abs(self.drop / pair - 1) <= OF_A_PAIR
        return rises and self.start > SETTLED and self.decades < LONGEST


@dataclass(frozen=True)
class Course:
    """A run along its checkpoints: step, loss [checkpoint]; D [checkpoint, feature].

    pair: what a pair saves over one feature's worth, v - p^2 / 3.
    """

    replicate: int
    step: np.ndarray
    loss: np.ndarray
    D: np.ndarray
    pair: float

    @property
    def halves(self) -> np.ndarray:
        """How many features have a dimensionality of 1/2, [checkpoint]."""
        return (abs(self.D - 0.5) < NEAR).sum(1)

    def jumps(self) -> list[Jump]:
        """Every change between even levels that are held for a while."""
        halves = self.halves
        held = _held(halves) & (halves % 2 == 0)
        at = np.flatnonzero(held).tolist()
        moves = [(i, j) for i, j in pairwise(at) if halves[i] != halves[j]]
        return [self._jump(i, j, held) for i, j in moves]

    def late_jumps(self) -> list[Jump]:
        """The jumps that are late."""
        return [jump for jump in self.jumps() if jump.late(self.pair)]

    def peaks(self) -> bool:
        """Whether a feature rises to `PEAK` in the half decade to a late jump."""
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
    """The course of every run of an experiment of one condition, by replicate."""
    density = float(tables.runs["density"].iloc[0])
    pair = float(variance(density) - density**2 / 3)
    parts = tables.checkpoints.sort_values(["replicate", "step", "feature"]).groupby("replicate")
    return [_course(int(k), rows, pair) for k, rows in parts]  # type: ignore[call-overload]


def shown(tables: Tables) -> Course:
    """The first replicate with a late jump that peaks; where none does, the first with a late jump;
    where none has one, the best by held-out loss."""
    every = courses(tables)
    # Runs that are left out have rank -1.
    last = tables.runs["rank"].where(tables.runs["rank"] >= 0, len(tables.runs))
    best = int(tables.runs["replicate"].iloc[last.argmin()])
    fallback = next(c for c in every if c.replicate == best)
    jumping = [c for c in every if c.late_jumps()]
    return next((c for c in jumping if c.peaks()), jumping[0] if jumping else fallback)


def _course(replicate: int, rows: pd.DataFrame, pair: float) -> Course:
    steps = np.sort(rows["step"].unique())
    D = rows["dimensionality"].to_numpy(float).reshape(len(steps), -1)
    return Course(replicate, steps, rows["loss"].to_numpy(float)[:: D.shape[1]], D, pair)


def _held(level: np.ndarray) -> np.ndarray:
    """Whether a checkpoint is one of `HELD` or more in a row of the same level."""
    edges = np.flatnonzero(np.diff(level)) + 1
    stretches = np.split(np.arange(len(level)), edges)
    held = np.zeros(len(level), bool)
    for stretch in stretches:
        held[stretch] = len(stretch) >= HELD
    return held
