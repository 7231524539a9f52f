"""Read finite training sets from their files."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from superpos.numerics.samples import ARRAY_TYPES, Samples
from superpos.storage.array_files import StoredArrays, load_arrays


def load_training_sets(paths: Iterable[Path]) -> dict[str, Samples]:
    """The training sets by the digest of their distribution.

    Raises DamagedFile if a file is damaged or foreign, or if compiled code could not trust its arrays.
    """
    sets = {}
    for path in paths:
        arrays, about = load_arrays(path, _check)
        sets[about["distribution"]] = _samples(arrays, about)
    return sets


def _check(read: StoredArrays) -> None:
    _samples(*read)


def _samples(arrays: Mapping[str, Any], about: Mapping[str, Any]) -> Samples:
    parts = {name: arrays.get(name) for name in ARRAY_TYPES}
    return Samples(**parts).checked(about["n_features"])
