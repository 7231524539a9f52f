"""Two sets that learn: apart, into triangles, by a turn into an octahedron.

Section "Superposition and Learning Dynamics", learning as geometric transformation. A course has
W [checkpoint, feature, hidden], the first half of the features being one set.

ASSUME: the paper states neither density nor rate: exactly one set is on, the sparse limit given a
sample that is not empty, and batches of 16 make the turn take about as long as the paper's.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from superpos.tables import Tables

PLATEAU = (0.02, 0.5)
"""Losses among which the plateau is sought: 1/6 lies in it, W = 0 and the prism do not."""
SHOULDER = (1e-4, 1e-2)
"""Losses among which the shoulder is sought."""
FLAT = 1.0
"""A stretch is a shoulder where the loss falls more slowly than 1 / step."""
ON_SHOULDER = (5e-4, 1.4e-3)
"""Losses of the paper's shoulder."""


@dataclass(frozen=True)
class Course:
    """A run along its checkpoints: step, loss [checkpoint], W [checkpoint, feature, hidden]."""

    replicate: int
    step: np.ndarray
    loss: np.ndarray
    W: np.ndarray

    def at(self, step: float) -> int:
        """The index of the checkpoint nearest to a step, by ratio."""
        return int(abs(np.log(self.step / step)).argmin())

    def flattest(self, low: float, high: float) -> tuple[int, float]:
        """Where the loss, between low and high, falls least: index, and -d log loss / d log step."""
        fall = -np.gradient(np.log(np.maximum(self.loss, 1e-300)), np.log(self.step))
        fall[(self.loss < low) | (self.loss > high)] = np.inf
        return int(fall.argmin()), float(fall.min())

    def shoulder(self) -> int | None:
        """The index at which the loss lingers at the prism's, if it does."""
        i, fall = self.flattest(*SHOULDER)
        low, high = ON_SHOULDER
        return i if fall < FLAT and low <= self.loss[i] <= high else None

    def events(self) -> tuple[int, int, int]:
        """Steps by which the sets are half apart, half spread, and three quarters turned for good.

        Half of the octahedron's 2 / sqrt 3 between the means and sqrt(2/3) from a mean to its
        members; 45 of the 60 degrees.
        """
        return (
            self._from(separation(self.W) > 1 / np.sqrt(3), first=True),
            self._from(spread(self.W) > np.sqrt(2 / 3) / 2, first=True),
            self._from(np.array([relative_angle(W) for W in self.W]) > 45, first=False),
        )

    def _from(self, reached: np.ndarray, first: bool) -> int:
        """The first step at which it is reached, or from which on it stays so."""
        lasting = reached if first else np.logical_and.accumulate(reached[::-1])[::-1]
        return int(self.step[lasting.argmax()]) if lasting.any() else int(2 * self.step[-1])


def separation(W: np.ndarray) -> np.ndarray:
    """Distance between the means of the two sets, [...], W [..., feature, hidden]."""
    first, second = np.split(W, 2, axis=-2)
    return np.linalg.norm(first.mean(-2) - second.mean(-2), axis=-1)


def spread(W: np.ndarray) -> np.ndarray:
    """Root mean square distance of a feature from its set's mean, [...]."""
    both = np.stack(np.split(W, 2, axis=-2))
    apart = both - both.mean(-2, keepdims=True)
    return np.sqrt((apart**2).sum(-1).mean((0, -1)))


def axes(W: np.ndarray) -> np.ndarray:
    """An orthonormal frame [hidden, 3] of one W: in the plane, in the plane, from set to set.

    The first points along the first feature.
    """
    first, second = np.split(W, 2)
    height = first.mean(0) - second.mean(0)
    height = height / np.linalg.norm(height)
    across = first[0] - height * (first[0] @ height)
    across = across / np.linalg.norm(across)
    return np.stack([across, np.cross(height, across), height], axis=1)


def relative_angle(W: np.ndarray) -> float:
    """Mean angle in degrees, seen along the axis, from a feature to the nearest of the other set."""
    plane = W @ axes(W)[:, :2]
    first, second = np.split(np.degrees(np.arctan2(plane[:, 1], plane[:, 0])), 2)
    apart = abs((first[:, None] - second + 180) % 360 - 180)
    return float(apart.min(1).mean())


def octahedral(W: np.ndarray) -> bool:
    """Whether every feature has an antipode, cos < -.99, in the other set, and is orthogonal, |cos|
    < .05, to the rest."""
    norms = np.linalg.norm(W, axis=1)
    cosine = W @ W.T / np.maximum(np.outer(norms, norms), 1e-12)
    across = cosine[:3, 3:]
    antipodes = across.argmin(1)
    rest = abs(cosine - np.eye(6))
    rest[np.arange(3), antipodes + 3] = rest[antipodes + 3, np.arange(3)] = 0
    paired = len(set(antipodes.tolist())) == 3 and across.min(1).max() < -0.99
    return bool(paired and rest.max() < 0.05)


def courses(tables: Tables) -> list[Course]:
    """The course of every run of an experiment of one condition, by replicate."""
    parts = tables.checkpoints.sort_values(["replicate", "step", "feature"]).groupby("replicate")
    return [_course(int(replicate), rows) for replicate, rows in parts]  # type: ignore[call-overload]


def shown(tables: Tables) -> Course:
    """The first replicate that lingers on the shoulder and ends as an octahedron, or else the best."""
    every = courses(tables)
    # Runs that are left out have rank -1.
    last = tables.runs["rank"].where(tables.runs["rank"] >= 0, len(tables.runs))
    best = int(tables.runs["replicate"].iloc[last.argmin()])
    fallback = next(c for c in every if c.replicate == best)
    return next((c for c in every if meets(c)), fallback)


def meets(course: Course) -> bool:
    """What the shown run is the first to do."""
    return course.shoulder() is not None and octahedral(course.W[-1])


def _course(replicate: int, rows: pd.DataFrame) -> Course:
    steps = np.sort(rows["step"].unique())
    W = np.array(rows["W"].tolist(), float).reshape(len(steps), -1, len(rows["W"].iloc[0]))
    return Course(replicate, steps, rows["loss"].to_numpy(float)[:: W.shape[1]], W)
