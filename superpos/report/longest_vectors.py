"""The longest columns of W and hidden vectors of training samples, for the explorer of large models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from jaxtyping import Float, Int

MOST = 400
"""The largest number of a model's features, and of its training samples, that are packed for the page."""


def longest(vectors: Float[np.ndarray, "vector hidden"]) -> Int[np.ndarray, " kept"]:
    """The numbers of the MOST longest vectors, longest first; all of them in order if there are no more."""
    if len(vectors) <= MOST:
        return np.arange(len(vectors))
    order: np.ndarray = np.argsort(-np.linalg.norm(vectors, axis=1), kind="stable")
    return order[:MOST]


def set_sizes(places: pd.DataFrame, samples: pd.DataFrame) -> Int[np.ndarray, "condition 2"]:
    """The number of training samples of each condition, and how many of them are packed for the page.

    Samples are packed only for models in the plane that train on their whole training set in each step.
    """
    if not len(samples):
        return np.zeros((len(places), 2), int)
    largest = samples.groupby("condition")["sample"].max()
    size = (places["condition"].map(largest).fillna(-1) + 1).to_numpy(int)
    shown = (places["n_hidden"] == 2) & (places["batch"] == size)
    return np.stack([size, np.where(shown, np.minimum(size, MOST), 0)], axis=1)


def turned(
    hidden: Float[np.ndarray, "sample 2"],
    before: Float[np.ndarray, "feature 2"],
    after: Float[np.ndarray, "feature 2"],
) -> Float[np.ndarray, "sample 2"]:
    """Rotate hidden vectors as W was rotated, because they are combinations of its columns."""
    result: np.ndarray = hidden @ (np.linalg.pinv(before) @ after)
    return result


def kept_features(parameters: Sequence[np.ndarray], kept: Sequence[np.ndarray]) -> list[np.ndarray]:
    """A parameter of each run for its kept features, in order."""
    return [values[numbers] for values, numbers in zip(parameters, kept, strict=True)]
