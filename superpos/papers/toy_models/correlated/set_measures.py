"""Measures of models of sets: of one run, or averaged over all runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables
from superpos.verdicts.measures import column

if TYPE_CHECKING:
    from jaxtyping import Float

OfRun = Callable[[np.ndarray, int], float]
"""A measure of W [feature, hidden] and the number of sets."""


def of_run(t: Tables, measure: OfRun) -> float:
    """The measure of the only run."""
    return measure(column(t, "W"), int(t.runs["data_sets"].iloc[0]))


def share(t: Tables, measure: OfRun) -> float:
    """The mean of the measure over all runs."""
    return float(np.mean(each(t, measure)))


def each(t: Tables, measure: OfRun) -> list[float]:
    """The measure of every run, in the order of conditions and, within them, of replicates."""
    n_sets = t.runs.set_index(["condition", "replicate"])["data_sets"].to_dict()
    return [measure(W, int(n_sets[run])) for run, W in weights_by_run(t).items()]


def weights_by_run(t: Tables) -> dict[tuple[str, int], np.ndarray]:
    """W [feature, hidden] of every run."""
    rows = t.features.sort_values(["condition", "replicate", "feature"])
    return {
        run: np.array(W.tolist(), float) for run, W in rows.groupby(["condition", "replicate"])["W"]
    }


def norms_of_collapsed(t: Tables) -> list[float]:
    """The norms of the features of all collapsed sets of all runs."""
    n_sets = t.runs.set_index(["condition", "replicate"])["data_sets"].to_dict()
    return [
        float(norm)
        for run, W in weights_by_run(t).items()
        for members in sets.members(W, int(n_sets[run]))[sets.collapsed(W, int(n_sets[run]))]
        for norm in np.linalg.norm(members, axis=1)
    ]


def count_collapsed(W: Float[np.ndarray, "feature hidden"], n_sets: int) -> int:
    """How many sets have collapsed to a single direction."""
    return int(sets.collapsed(W, n_sets).sum())


def largest_overlap_within(W: Float[np.ndarray, "feature hidden"], n_sets: int) -> float:
    """The largest |cosine| between different members of a set."""
    return float(abs(sets.cosines(W)[sets.within(len(W), n_sets)]).max())


def largest_cosine_within(W: Float[np.ndarray, "feature hidden"], n_sets: int) -> float:
    """The largest cosine between different members of a set."""
    return float(sets.cosines(W)[sets.within(len(W), n_sets)].max())


def smallest_cosine_within(W: Float[np.ndarray, "feature hidden"], n_sets: int) -> float:
    """The smallest cosine between different members of a set."""
    return float(sets.cosines(W)[sets.within(len(W), n_sets)].min())


def largest_overlap_across(W: Float[np.ndarray, "feature hidden"], n_sets: int) -> float:
    """The largest |cosine| between features of different sets."""
    return float(abs(sets.cosines(W)[sets.across(len(W), n_sets)]).max())


def smallest_norm(W: Float[np.ndarray, "feature hidden"], n_sets: int) -> float:
    """The smallest norm of a feature."""
    return float(np.linalg.norm(W, axis=1).min())


def largest_norm(W: Float[np.ndarray, "feature hidden"], n_sets: int) -> float:
    """The largest norm of a feature."""
    return float(np.linalg.norm(W, axis=1).max())
