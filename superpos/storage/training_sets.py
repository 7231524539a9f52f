"""Read finite training sets from their files."""

from collections.abc import Iterable
from pathlib import Path

from superpos.numerics import sample_arrays
from superpos.numerics.samples import Samples
from superpos.storage.array_files import StoredArrays, load_arrays


def load_training_sets(paths: Iterable[Path]) -> dict[str, Samples]:
    """The training sets by their family.

    Raises DamagedFile if a file is damaged or foreign, or if compiled code could not trust its arrays.
    """
    sets = {}
    for path in paths:
        arrays, about = load_arrays(path, _check)
        sets[about["family"]] = sample_arrays.read(arrays, about["n_features"])
    return sets


def _check(read: StoredArrays) -> None:
    sample_arrays.read(read[0], read[1]["n_features"])
