"""Check the arrays of samples that come from a file, because compiled code would trust them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from superpos.config.condition import Condition
from superpos.data.held_out.samples import HALVES
from superpos.numerics import sample_arrays

Arrays = Mapping[str, np.ndarray]


def check_samples(arrays: Mapping[str, Any], n_features: int) -> None:
    """Raise a ValueError unless the arrays are `Samples` of `n_features` features."""
    sample_arrays.read(arrays, n_features)


def check_held_out(arrays: Arrays, conditions: Iterable[Condition], seed: int) -> None:
    """Raise a ValueError unless arrays half.distribution.part hold both halves for each condition."""
    sizes = {condition.law(seed): condition.n_features for condition in conditions}
    for distribution, n_features in sizes.items():
        for half in HALVES:
            parts = {p: arrays.get(f"{half}.{distribution}.{p}") for p in sample_arrays.ARRAY_TYPES}
            check_samples(parts, n_features)
