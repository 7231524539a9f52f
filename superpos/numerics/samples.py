"""Weighted samples x as sparse arrays: a training set, or held-out samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32


@dataclass(frozen=True)
class Samples:
    """Sparse weighted samples: the entries start[s] to start[s + 1] - 1 belong to sample s.

    start [sample + 1] int64; feature [entry] uint16; value [entry] float32; weight [sample] float64.
    The expectation of f(x) is estimated by sum_s weight_s f(x_s).
    """

    start: np.ndarray
    feature: np.ndarray
    value: np.ndarray
    weight: np.ndarray

    @property
    def mean_norm(self) -> float:
        """The expectation of ‖x‖, summed in order, so that its bits are the same on every machine."""
        sample = np.repeat(np.arange(len(self.weight)), np.diff(self.start))
        squared = np.bincount(sample, self.value.astype(np.float64) ** 2, len(self.weight))
        return float(np.add.accumulate(self.weight * np.sqrt(squared))[-1])

    def dense(self, n_features: int) -> Float32[np.ndarray, "sample feature"]:
        """The samples as a matrix x."""
        x = np.zeros((len(self.weight), n_features), np.float32)
        x[np.repeat(np.arange(len(self.weight)), np.diff(self.start)), self.feature] = self.value
        return x
