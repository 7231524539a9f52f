"""Samples that a training set holds several times, and their dimensionalities among the distinct samples."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from superpos.config.condition_table import RUN
from superpos.config.needs import requires
from superpos.metrics.frames import dimensionality
from superpos.metrics.regimes import STORED
from superpos.papers.double_descent.measures import FORGOTTEN, T
from superpos.tables import Tables

TOP = 0.001
"""A sample counts as memorised if at most this share of the other samples has a larger dimensionality."""


class Run(NamedTuple):
    """A run: the number of samples of which there are copies, how many of each, T, and D_X [sample].

    D_X counts each distinct sample once: R copies of a sample could have at most 1/R each.
    """

    samples: int
    times: int
    size: int
    D: np.ndarray

    @property
    def memorises(self) -> bool:
        """Whether the first sample is among the few with the largest D_X."""
        return bool((self.D[1:] > self.D[0]).mean() <= TOP)


@requires(metrics=())
def runs(t: Tables) -> Iterator[Run]:
    """The runs, with the dimensionalities of their distinct samples."""
    for (_, slug, _), rows in t.samples.groupby(RUN, observed=True):
        samples, times = _numbers(str(slug))[0]
        size = int(rows[T].iloc[0])
        distinct = rows.sort_values("sample")["h"].tolist()[: size - samples * (times - 1)]
        yield Run(samples, times, size, dimensionality(np.array([distinct], float))[0])


@requires(metrics=("first_sample_dimensionality",))
def courses(t: Tables) -> pd.DataFrame:
    """The dimensionality of each run's first sample [run, step] along training."""
    first = t.checkpoints[t.checkpoints["feature"] == 0]
    return first.set_index([*RUN, "step"])["first_sample_dimensionality"].unstack("step")  # noqa: PD010


def near_misses(course: pd.DataFrame) -> pd.Series:
    """Whether each run's sample is stored at some checkpoint and forgotten by the last one with a value."""
    return (course.max(axis=1) > STORED) & (course.ffill(axis=1).iloc[:, -1] < FORGOTTEN)


def repeated(t: Tables) -> tuple[int, int] | None:
    """How many samples are repeated in the first run, and how often; None if none are."""
    return next(iter(_numbers(str(t.runs["condition"].iloc[0]))), None)


def copies_in_words(samples: int, times: int, between: str = " ") -> str:
    """The numbers of repeated samples and of copies of each: "1 sample twice"."""
    copies_of = {1: "once", 2: "twice"}.get(times, f"{times} times")
    return f"{samples} sample{'s' if samples > 1 else ''}{between}{copies_of}"


def _numbers(slug: str) -> list[tuple[int, int]]:
    """The numbers of repeated samples and of copies, from a condition's name, if it gives them."""
    found = re.findall(r"samples-(\d+)\+times-(\d+)", slug)
    return [(int(samples), int(times)) for samples, times in found]
