"""Read finite training sets from their files."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, JsonValue, ValidationError

from superpos.numerics import sample_arrays
from superpos.numerics.samples import Samples
from superpos.storage.array_files import StoredArrays, load_arrays


class _About(BaseModel):
    """The notes on a training set."""

    family: str
    n_features: int

    @classmethod
    def read(cls, about: Mapping[str, JsonValue]) -> "_About":
        try:
            return cls.model_validate(about)
        except ValidationError:
            raise ValueError("its metadata does not say which training set it holds") from None


def load_training_sets(paths: Iterable[Path]) -> dict[str, Samples]:
    """The training sets by their family.

    Raises DamagedFile if a file is damaged or foreign, or if compiled code could not trust its arrays.
    """
    sets = {}
    for path in paths:
        arrays, about = load_arrays(path, _check)
        described = _About.read(about)
        sets[described.family] = sample_arrays.read(arrays, described.n_features)
    return sets


def _check(read: StoredArrays) -> None:
    sample_arrays.read(read[0], _About.read(read[1]).n_features)
