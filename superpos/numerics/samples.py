"""Weighted samples x as sparse arrays: a training set, or held-out samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32

ARRAY_TYPES = {"start": "int64", "feature": "uint16", "value": "float32", "weight": "float64"}
"""The arrays of `Samples`, and their types."""


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

    @classmethod
    def read(cls, arrays: Mapping[str, Any], n_features: int) -> Samples:
        """The samples in the arrays of a file; raises a ValueError as `checked` does."""
        parts: dict[str, Any] = {name: arrays.get(name) for name in ARRAY_TYPES}
        return cls(**parts).checked(n_features)

    def checked(self, n_features: int) -> Samples:
        """Return these samples after checking that compiled code can use them for `n_features` features.

        Raises a ValueError that says which array is wrong.
        """
        for name, kind in ARRAY_TYPES.items():
            array = getattr(self, name)
            if not isinstance(array, np.ndarray) or array.dtype != kind or array.ndim != 1:
                raise ValueError(f"samples: `{name}` is not a one-dimensional {kind} array")
        entries = len(self.feature)
        if len(self.value) != entries:
            raise ValueError(
                f"samples: `value` has {len(self.value)} entries, but `feature` has {entries}"
            )
        if len(self.start) != len(self.weight) + 1:
            raise ValueError(
                f"samples: `start` has {len(self.start)} entries for {len(self.weight)} samples"
            )
        if self.start[0] != 0 or self.start[-1] != entries or (np.diff(self.start) < 0).any():
            raise ValueError(
                f"samples: `start` does not rise from 0 to {entries}, the number of entries"
            )
        if entries and (largest := int(self.feature.max())) >= n_features:
            raise ValueError(
                f"samples: `feature` holds {largest}, but the model has {n_features} features"
            )
        if not (np.isfinite(self.value).all() and np.isfinite(self.weight).all()):
            raise ValueError("samples: a value or a weight is not finite")
        return self

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
