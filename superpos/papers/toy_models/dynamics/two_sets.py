"""Two sets as they learn: they part, spread into triangles, and turn into an octahedron.

Section "Superposition and Learning Dynamics", learning as geometric transformation. The first half of
the features of W is one set, the second half the other.

ASSUME: the paper states neither density nor learning rate. Here exactly one set is on, which is the
sparse limit given a sample that is not empty. At rate 0.0005 with batches of 16 the sets part and spread
at about the paper's steps; the triangles turn sooner than the paper's.
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

PLATEAU = (0.02, 0.5)
"""The range of losses that contains the plateau: 1/6 is in it, the losses of W = 0 and the prism are
not."""
SHOULDER = (1e-4, 1e-2)
"""The range of losses that contains the shoulder."""
FLAT = 1.0
"""A stretch is a shoulder if the loss falls more slowly than 1 / step."""
ON_SHOULDER = (5e-4, 1.4e-3)
"""The range of losses of the paper's shoulder."""


@dataclass(frozen=True)
class Course:
    """A run at its checkpoints."""

    replicate: int
    step: Int[np.ndarray, " checkpoint"]
    loss: Float[np.ndarray, " checkpoint"]
    W: Float[np.ndarray, "checkpoint feature hidden"]

    def at(self, step: float) -> int:
        """The index of the checkpoint nearest to a step on a logarithmic scale."""
        return int(abs(np.log(self.step / step)).argmin())

    def flattest(self, low: float, high: float) -> tuple[int, float]:
        """Where the loss, between low and high, falls most slowly: the index, and -d log loss / d log
        step."""
        fall = -np.gradient(np.log(np.maximum(self.loss, 1e-300)), np.log(self.step))
        fall[(self.loss < low) | (self.loss > high)] = np.inf
        return int(fall.argmin()), float(fall.min())

    def shoulder(self) -> int | None:
        """The index at which the loss lingers near the prism's, or None if it does not."""
        i, fall = self.flattest(*SHOULDER)
        low, high = ON_SHOULDER
        return i if fall < FLAT and low <= self.loss[i] <= high else None

    def events(self) -> tuple[int, int, int]:
        """The steps at which the sets are half separated, half spread, and turned for good by 3/4 of the way.

        In the octahedron the means are 2 / √3 apart, a member is √(2/3) from its set's mean, and the sets are
        turned by 60 degrees.
        """
        return (
            self._from(separation(self.W) > 1 / np.sqrt(3), first=True),
            self._from(spread(self.W) > np.sqrt(2 / 3) / 2, first=True),
            self._from(np.array([relative_angle(W) for W in self.W]) > 45, first=False),
        )

    def _from(self, reached: Bool[np.ndarray, " checkpoint"], first: bool) -> int:
        """The first step at which a condition holds, or from which on it keeps holding."""
        lasting = reached if first else np.logical_and.accumulate(reached[::-1])[::-1]
        return int(self.step[lasting.argmax()]) if lasting.any() else int(2 * self.step[-1])


def separation(W: Float[np.ndarray, "*at feature hidden"]) -> Float[np.ndarray, "*at"]:
    """The distance between the means of the two sets."""
    first, second = np.split(W, 2, axis=-2)
    return np.asarray(np.linalg.norm(first.mean(-2) - second.mean(-2), axis=-1))


def spread(W: Float[np.ndarray, "*at feature hidden"]) -> Float[np.ndarray, "*at"]:
    """The root mean square distance of a feature from its set's mean."""
    both = np.stack(np.split(W, 2, axis=-2))
    apart = both - both.mean(-2, keepdims=True)
    return np.asarray(np.sqrt((apart**2).sum(-1).mean((0, -1))))


def axes(W: Float[np.ndarray, "feature 3"]) -> Float[np.ndarray, "3 axis"]:
    """An orthonormal frame: two axes in the plane of a set, and one from set to set.

    The first axis points along the first feature.
    """
    first, second = np.split(W, 2)
    height = first.mean(0) - second.mean(0)
    height = height / np.linalg.norm(height)
    across = first[0] - height * (first[0] @ height)
    across = across / np.linalg.norm(across)
    return np.stack([across, np.cross(height, across), height], axis=1)


def relative_angle(W: Float[np.ndarray, "feature 3"]) -> float:
    """The mean angle in degrees, seen along the axis, from a feature to the nearest of the other set."""
    plane = W @ axes(W)[:, :2]
    first, second = np.split(np.degrees(np.arctan2(plane[:, 1], plane[:, 0])), 2)
    apart = abs((first[:, None] - second + 180) % 360 - 180)
    return float(apart.min(1).mean())


def octahedral(W: Float[np.ndarray, "6 3"]) -> bool:
    """Whether every feature has an antipode in the other set (cos < -0.99) and is orthogonal to all
    other features (|cos| < 0.05)."""
    norms = np.linalg.norm(W, axis=1)
    cosine = W @ W.T / np.maximum(np.outer(norms, norms), 1e-12)
    across = cosine[:3, 3:]
    antipodes = across.argmin(1)
    rest = abs(cosine - np.eye(6))
    rest[np.arange(3), antipodes + 3] = rest[antipodes + 3, np.arange(3)] = 0
    paired = len(set(antipodes.tolist())) == 3 and across.min(1).max() < -0.99
    return bool(paired and rest.max() < 0.05)


def courses(tables: Tables) -> list[Course]:
    """The courses of all runs of an experiment of one condition, by replicate."""
    return [_course(replicate, rows) for replicate, rows in replicates.checkpoints(tables)]


def shown(tables: Tables) -> Course:
    """The first replicate that lingers on the shoulder and ends as an octahedron; if none does, the
    best."""
    every = courses(tables)
    best = replicates.best(tables)
    fallback = next(c for c in every if c.replicate == best)
    return next((c for c in every if meets(c)), fallback)


def meets(course: Course) -> bool:
    """Whether the run lingers on the shoulder and ends as an octahedron."""
    return course.shoulder() is not None and octahedral(course.W[-1])


def _course(replicate: int, rows: pd.DataFrame) -> Course:
    steps = np.sort(rows["step"].unique())
    W = np.array(rows["W"].tolist(), float).reshape(len(steps), -1, len(rows["W"].iloc[0]))
    return Course(replicate, steps, rows["loss"].to_numpy(float)[:: W.shape[1]], W)
