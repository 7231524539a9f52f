"""Check samples that come from a file, because compiled code would trust them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from superpos.config.condition import Condition
from superpos.data.held_out import KINDS, Samples

Arrays = Mapping[str, np.ndarray]


def samples(arrays: Mapping[str, Any], n_features: int) -> None:
    """Sparse samples: start [sample + 1], feature [entry], value [entry], weight [sample]."""
    parts: dict[str, Any] = {part: arrays.get(part) for part in KINDS}
    Samples(**parts).checked(n_features)


def held_out(arrays: Arrays, conditions: Iterable[Condition], seed: int) -> None:
    """The samples of every distribution, as arrays half.distribution.part."""
    sizes = {condition.distribution(seed): condition.n_features for condition in conditions}
    for distribution, n_features in sizes.items():
        for half in ("pick", "report"):
            parts = {p: arrays.get(f"{half}.{distribution}.{p}") for p in KINDS}
            samples(parts, n_features)
