"""Late jumps of a run: of its level, and of single features (the figure of "energy level" jumps).

PAPER: in the figure, read with the feature lines as they are drawn: at steps 18,000 to 21,000 a feature
near 0 rises to 1/2 while one at 1/2 rises to 0.715; at steps 30,000 to 33,000 another feature near 0
rises to 1/2 while that one falls back to 1/2. The level is the same after the first of these jumps, and
higher by 2 after the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from superpos.papers.toy_models.dynamics import energy_levels, replicates
from superpos.papers.toy_models.dynamics.energy_levels import LONGEST, SETTLED, Course
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Bool, Int

SIZE = (100, 20)
"""Features and hidden dimensions."""
HELD = 3
"""Consecutive checkpoints that make a level.

ASSUME: gradient noise moves a dimensionality out of its band for a checkpoint or two; three
checkpoints, of 40 in a decade, are a level.
"""
AVERAGED = 5
"""Checkpoints on either side of a jump over which its losses are medians."""
UNLEARNED = 0.25
"""A feature with a smaller dimensionality is not learned: half of a digon's."""
AWAY = 0.1
"""A feature has left 1/2 if its dimensionality is further away than this."""
PEAK = (0.695, 0.735)
"""Dimensionality that a feature of the paper's figure reaches in the half decade before a jump.

PAPER: 0.715, read off the figure, to 0.02.
"""


@dataclass(frozen=True)
class Jump:
    """A change of level: the last step at the old level and the first at the new one.

    drop: how much the loss, summed over features, falls. peak: the largest dimensionality that any
    feature reaches in the half decade before the jump if it was at 1/2 at the start of that half decade.
    """

    start: int
    stop: int
    before: int
    after: int
    drop: float
    peak: float

    @property
    def late(self) -> bool:
        """Whether the jump is quick, starts after runs have settled, and adds one pair."""
        quick = np.log10(self.stop / self.start) < LONGEST
        return bool(quick and self.after - self.before == 2 and self.start > SETTLED)

    @property
    def peaks(self) -> bool:
        """Whether a feature at 1/2 rises to `PEAK` before the jump."""
        return PEAK[0] <= self.peak <= PEAK[1]


@dataclass(frozen=True)
class Rise:
    """Features that rise from below `UNLEARNED` to 1/2 at the same time, after runs have settled.

    swaps: whether another feature leaves 1/2 meanwhile. drop: as in a `Jump`.
    """

    start: int
    stop: int
    swaps: bool
    drop: float


def late_jumps(run: Course) -> list[Jump]:
    """The late changes from one even level to another that are both held for a while."""
    halves = run.halves
    held = _held(halves) & (halves % 2 == 0)
    at = np.flatnonzero(held).tolist()
    moves = [(i, j) for i, j in pairwise(at) if halves[i] != halves[j]]
    return [jump for i, j in moves if (jump := _jump(run, i, j, held)).late]


def rises(run: Course) -> list[Rise]:
    """The late rises of features, in order; successive rises without a level between them count as one.

    A level lasts at least `HELD` checkpoints, so that the two features of a pair, which may reach 1/2 at
    neighbouring checkpoints, count as one rise.
    """
    moves: list[tuple[int, int]] = []
    for i, j in sorted(move for k in range(run.D.shape[1]) for move in _moves(run, k)):
        if moves and i - moves[-1][1] + 1 < HELD:
            moves[-1] = moves[-1][0], max(j, moves[-1][1])
        else:
            moves.append((i, j))
    last = len(run.step) - 1
    around = [(0, 0), *moves, (last, last)]
    return [
        _rise(run, i, j, since, until)
        for (_, since), (i, j), (until, _) in zip(around, moves, around[2:], strict=False)
    ]


def twice(run: Course) -> bool:
    """Whether there are two late rises with a level between them."""
    return len(rises(run)) >= 2


def as_printed(run: Course) -> bool:
    """Whether the run has the two jumps of the paper's figure, and a feature that peaks before one of
    them."""
    return twice(run) and any(jump.peaks for jump in late_jumps(run))


def shown(tables: Tables) -> Course:
    """The first replicate that is as printed. If none is, the first with a late jump; if none has one,
    the best by held-out loss."""
    every = energy_levels.courses(tables)
    best = [c for c in every if c.replicate == replicates.best(tables)]
    printed, jumping = filter(as_printed, every), filter(late_jumps, every)
    return next(run for runs in (printed, jumping, best) for run in runs)


def _jump(run: Course, i: int, j: int, held: np.ndarray) -> Jump:
    before = [k for k in range(i + 1) if held[k] and run.halves[k] == run.halves[i]]
    after = [k for k in range(j, len(held)) if held[k] and run.halves[k] == run.halves[j]]
    drop = np.median(run.loss[before[-AVERAGED:]]) - np.median(run.loss[after[:AVERAGED]])
    return Jump(
        int(run.step[i]), int(run.step[j]), int(run.halves[i]), int(run.halves[j]), float(drop),
        _peak(run, j),
    )  # fmt: skip


def _peak(run: Course, j: int) -> float:
    near = np.flatnonzero((run.step >= run.step[j] / 10**0.5) & (run.step <= run.step[j]))
    return float(run.D[near][:, run.half[near[0]]].max(initial=0))


def _moves(run: Course, k: int) -> list[tuple[int, int]]:
    """The pairs of checkpoints between which a feature rises late and quickly to 1/2, and then stays
    there."""
    half, below = run.half[:, k], np.flatnonzero(run.D[:, k] < UNLEARNED)
    arrivals = np.flatnonzero(
        _held(half.astype(int)) & half & ~np.concatenate([[False], half[:-1]])
    )
    moves = [(int(below[below < j].max(initial=0)), int(j)) for j in arrivals]
    return [(i, j) for i, j in moves if SETTLED < run.step[i] > run.step[j] / 10**LONGEST]


def _rise(run: Course, i: int, j: int, since: int, until: int) -> Rise:
    """A rise, with the drop of the loss measured between the jump before and the jump after."""
    before, after = run.loss[since : i + 1][-AVERAGED:], run.loss[j : until + 1][:AVERAGED]
    left = run.half[i] & (abs(run.D[j] - 0.5) > AWAY)
    return Rise(
        int(run.step[i]), int(run.step[j]), bool(left.any()),
        float(np.median(before) - np.median(after)),
    )  # fmt: skip


def _held(level: Int[np.ndarray, " checkpoint"]) -> Bool[np.ndarray, " checkpoint"]:
    """Whether a checkpoint is one of `HELD` or more consecutive ones at the same level."""
    edges = np.flatnonzero(np.diff(level)) + 1
    stretches = np.split(np.arange(len(level)), edges)
    held = np.zeros(len(level), bool)
    for stretch in stretches:
        held[stretch] = len(stretch) >= HELD
    return held
