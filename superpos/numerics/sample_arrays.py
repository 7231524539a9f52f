"""Checks of sparse samples that come from a file or a caller, before compiled code sees them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from superpos.numerics.samples import Samples

ARRAY_TYPES = {"start": "int64", "feature": "uint16", "value": "float32", "weight": "float64"}
"""The arrays of `Samples`, and their types."""


def read(arrays: Mapping[str, Any], n_features: int) -> Samples:
    """The samples in the arrays of a file; raises a ValueError as `check` does."""
    parts: dict[str, Any] = {name: arrays.get(name) for name in ARRAY_TYPES}
    samples = Samples(**parts)
    check(samples, n_features)
    return samples


def check(samples: Samples, n_features: int) -> None:
    """Check that compiled code can use the samples for `n_features` features.

    Raises a ValueError that says which array is wrong.
    """
    for name, kind in ARRAY_TYPES.items():
        array = getattr(samples, name)
        if not isinstance(array, np.ndarray) or array.dtype != kind or array.ndim != 1:
            raise ValueError(f"samples: `{name}` is not a one-dimensional {kind} array")
    entries = len(samples.feature)
    if len(samples.value) != entries:
        raise ValueError(
            f"samples: `value` has {len(samples.value)} entries, but `feature` has {entries}"
        )
    if len(samples.start) != len(samples.weight) + 1:
        raise ValueError(
            f"samples: `start` has {len(samples.start)} entries for {len(samples.weight)} samples"
        )
    if samples.start[0] != 0 or samples.start[-1] != entries or (np.diff(samples.start) < 0).any():
        raise ValueError(
            f"samples: `start` does not rise from 0 to {entries}, the number of entries"
        )
    if entries and (largest := int(samples.feature.max())) >= n_features:
        raise ValueError(
            f"samples: `feature` holds {largest}, but the model has {n_features} features"
        )
    if not (np.isfinite(samples.value).all() and np.isfinite(samples.weight).all()):
        raise ValueError("samples: a value or a weight is not finite")
